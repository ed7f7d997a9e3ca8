#include "base/endpoint.h"

#include <arpa/inet.h>
#include <sys/un.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace portal::base {
namespace {

constexpr std::size_t kMaxPath = sizeof(sockaddr_un::sun_path) - 1;
// systemd.socket(5): FileDescriptorName= is at most 255 characters, without control characters and colons.
constexpr std::size_t kMaxDescriptorName = 255;

bool TakePrefix(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

Endpoint::Scheme TakeScheme(std::string_view& text) {
  if (TakePrefix(text, "http://")) return Endpoint::Scheme::kHttp;
  if (TakePrefix(text, "https://")) return Endpoint::Scheme::kHttps;
  return Endpoint::Scheme::kUnsaid;
}

bool IsNumericAddress(int family, const std::string& text) {
  std::array<char, sizeof(in6_addr)> address;
  return ::inet_pton(family, text.c_str(), address.data()) == 1;
}

bool IsDescriptorName(std::string_view text) {
  return !text.empty() && text.size() <= kMaxDescriptorName &&
         std::ranges::all_of(text, [](char c) { return c > ' ' && c < '\x7f' && c != ':'; });
}

bool ReadTcp(std::string_view text, Endpoint& endpoint) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return false;
  const std::string_view port = text.substr(colon + 1);
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), endpoint.port);
  if (port.empty() || error != std::errc{} || end != port.data() + port.size()) return false;
  std::string_view host = text.substr(0, colon);
  endpoint.is_v6 = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (endpoint.is_v6) host = host.substr(1, host.size() - 2);
  endpoint.name = host;
  return host.find('\0') == std::string_view::npos &&
         IsNumericAddress(endpoint.is_v6 ? AF_INET6 : AF_INET, endpoint.name);
}

}  // namespace

std::optional<Endpoint> ParseEndpoint(std::string_view text) {
  Endpoint endpoint;
  endpoint.scheme = TakeScheme(text);
  if (TakePrefix(text, "unix:")) {
    endpoint.kind = Endpoint::Kind::kUnix;
    endpoint.name = text;
    if (text.empty() || text.size() > kMaxPath || text.find('\0') != std::string_view::npos) return std::nullopt;
    return endpoint;
  }
  if (text == "systemd") {
    endpoint.kind = Endpoint::Kind::kSystemd;
    return endpoint;
  }
  if (TakePrefix(text, "systemd:")) {
    endpoint.kind = Endpoint::Kind::kSystemd;
    endpoint.name = text;
    if (!IsDescriptorName(text)) return std::nullopt;
    return endpoint;
  }
  if (!ReadTcp(text, endpoint)) return std::nullopt;
  return endpoint;
}

bool IsSecure(Endpoint::Scheme scheme, bool is_unix, bool have_certificate) {
  switch (scheme) {
    case Endpoint::Scheme::kHttp:
      return false;
    case Endpoint::Scheme::kHttps:
      return true;
    case Endpoint::Scheme::kUnsaid:
      break;
  }
  return have_certificate && !is_unix;
}

}  // namespace portal::base
