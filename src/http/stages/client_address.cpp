#include "http/stages/client_address.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

#include "base/ascii.h"
#include "http/head_syntax.h"

namespace portal::http::stages {
namespace {

constexpr std::string_view kForwardedFor = "x-forwarded-for";
// Beside those of X-Forwarded-….
constexpr std::array<std::string_view, 5> kForwardingFields = {"forwarded", "via", "x-real-ip", "cf-connecting-ip",
                                                               "true-client-ip"};

bool IsPort(std::string_view text) {
  return !text.empty() && text.size() <= 5 && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

/// `192.0.2.1`, `192.0.2.1:4711`, `2001:db8::1`, `[2001:db8::1]`, `[2001:db8::1]:4711`. The port says nothing to us.
std::optional<base::IpAddress> ReadHop(std::string_view text) {
  if (text.starts_with('[')) {
    const std::size_t end = text.find(']');
    if (end == std::string_view::npos) return std::nullopt;
    const std::string_view inside = text.substr(1, end - 1);
    const std::string_view rest = text.substr(end + 1);
    if (inside.find(':') == std::string_view::npos) return std::nullopt;
    if (!rest.empty() && (rest.front() != ':' || !IsPort(rest.substr(1)))) return std::nullopt;
    return base::IpAddress::Parse(inside);
  }
  const std::size_t colon = text.find(':');
  const bool one_colon = colon != std::string_view::npos && text.find(':', colon + 1) == std::string_view::npos;
  if (one_colon && !IsPort(text.substr(colon + 1))) return std::nullopt;
  return base::IpAddress::Parse(one_colon ? text.substr(0, colon) : text);
}

/// Goes on towards the client along one field; false where the search has ended.
bool Follow(std::string_view list, std::span<const base::IpNetwork> trusted_proxies, base::IpAddress& client) {
  for (bool more = true; more;) {
    const std::size_t comma = list.rfind(',');
    more = comma != std::string_view::npos;
    const auto hop = ReadHop(TrimBlanks(list.substr(more ? comma + 1 : 0)));
    if (!hop) return false;
    client = *hop;
    if (!base::AnyContains(trusted_proxies, client)) return false;
    if (more) list = list.substr(0, comma);
  }
  return true;
}

}  // namespace

void ResolveClient(Request& request, std::span<const base::IpNetwork> trusted_proxies) {
  request.client_address = request.peer;
  if (trusted_proxies.empty() || !base::AnyContains(trusted_proxies, request.peer)) return;
  const auto& fields = request.head.fields;
  for (auto field = fields.rbegin(); field != fields.rend(); ++field) {
    if (!base::EqualsIgnoreCase(field->name, kForwardedFor)) continue;
    if (!Follow(field->value, trusted_proxies, request.client_address)) return;
  }
}

bool IsForwarded(const Head& head) {
  return std::ranges::any_of(head.fields, [](const HeaderField& field) {
    constexpr std::string_view kPrefix = "x-forwarded-";
    const auto is_called = [&](std::string_view name) { return base::EqualsIgnoreCase(field.name, name); };
    return std::ranges::any_of(kForwardingFields, is_called) ||
           base::EqualsIgnoreCase(field.name.substr(0, kPrefix.size()), kPrefix);
  });
}

}  // namespace portal::http::stages
