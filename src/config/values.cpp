#include "config/values.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "base/duration.h"
#include "base/endpoint.h"

namespace portal::config {
namespace {

constexpr std::chrono::milliseconds kUsualDuration = std::chrono::seconds{30};  // to show how one is written

/// Decimal digits without a sign; nullopt also on overflow.
std::optional<std::int64_t> Digits(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || text.starts_with('-')) return std::nullopt;
  return value;
}

bool IsPort(std::string_view text) {
  const auto port = Digits(text);
  return port && *port >= 1 && *port <= 65535;
}

bool IsV6Address(std::string_view text) {
  std::array<char, sizeof(in6_addr)> address;
  return inet_pton(AF_INET6, std::string(text).c_str(), address.data()) == 1;
}

bool IsAlphanumeric(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

/// Letters, digits, hyphens and single dots (RFC 1123 §2.1), or a bracketed IPv6 address.
bool IsHost(std::string_view text) {
  if (text.size() > 2 && text.front() == '[' && text.back() == ']') {
    return IsV6Address(text.substr(1, text.size() - 2));
  }
  return !text.empty() && text.size() <= 253 && text.front() != '.' && text.find("..") == std::string_view::npos &&
         std::ranges::all_of(text, [](char c) { return IsAlphanumeric(c) || c == '-' || c == '.'; });
}

}  // namespace

Complaint ReadInteger(std::string_view text, std::int64_t min, std::int64_t max, std::int64_t& out) {
  const auto value = Digits(text);
  if (!value || *value < min || *value > max) {
    return "a whole number from " + std::to_string(min) + " to " + std::to_string(max);
  }
  out = *value;
  return std::nullopt;
}

Complaint ReadBoolean(std::string_view text, bool& out) {
  if (text != "true" && text != "false") return "true or false";
  out = text == "true";
  return std::nullopt;
}

Complaint ReadDuration(std::string_view text, std::chrono::milliseconds min, std::chrono::milliseconds max,
                       std::chrono::milliseconds& out) {
  const auto value = base::ParseDuration(text);
  if (!value || *value < min || *value > max) {
    const auto example = std::clamp(kUsualDuration, min, max);
    return "a duration from " + base::FormatDuration(min) + " to " + base::FormatDuration(max) + ", as in \"" +
           base::FormatDuration(example) + "\" (units: ms s m h d)";
  }
  out = *value;
  return std::nullopt;
}

namespace {

struct SizeUnit {
  std::string_view name;
  int shift;
};
constexpr std::array kSizeUnits = {SizeUnit{"TiB", 40}, SizeUnit{"GiB", 30}, SizeUnit{"MiB", 20}, SizeUnit{"KiB", 10}};

std::optional<std::uint64_t> ParseSize(std::string_view text) {
  int shift = 0;
  const auto unit = std::ranges::find_if(kSizeUnits, [&](const SizeUnit& each) { return text.ends_with(each.name); });
  if (unit != kSizeUnits.end()) {
    text.remove_suffix(unit->name.size());
    shift = unit->shift;
  }
  const auto value = Digits(text);
  if (!value || *value > (INT64_MAX >> shift)) return std::nullopt;
  return static_cast<std::uint64_t>(*value) << shift;
}

}  // namespace

std::string FormatSize(std::uint64_t bytes) {
  for (const SizeUnit& unit : kSizeUnits) {
    const std::uint64_t whole = bytes >> unit.shift;
    if (whole > 0 && whole << unit.shift == bytes) return std::to_string(whole) + std::string(unit.name);
  }
  return std::to_string(bytes);
}

Complaint ReadSize(std::string_view text, std::uint64_t min, std::uint64_t max, std::uint64_t& out_bytes) {
  const auto value = ParseSize(text);
  if (!value || *value < min || *value > max) {
    return "a size in bytes from " + FormatSize(min) + " to " + FormatSize(max) +
           ", as in \"1048576\" or \"1MiB\" (units: KiB MiB GiB TiB)";
  }
  out_bytes = *value;
  return std::nullopt;
}

namespace {

constexpr std::size_t kPercentDecimals = 4;  // as far as parts of a million go
constexpr std::uint32_t kPpmInPercent = 10'000;

std::optional<std::uint32_t> ParseShare(std::string_view text) {
  if (text.ends_with('%')) text.remove_suffix(1);
  const std::size_t point = std::min(text.find('.'), text.size());
  const auto whole = Digits(text.substr(0, point));
  if (!whole || *whole > 100) return std::nullopt;
  std::uint32_t ppm = static_cast<std::uint32_t>(*whole) * kPpmInPercent;
  if (point == text.size()) return ppm;
  std::string decimals(text.substr(point + 1));
  if (decimals.size() > kPercentDecimals) return std::nullopt;
  const auto part = Digits(decimals.empty() ? "." : decimals.append(kPercentDecimals - decimals.size(), '0'));
  if (!part) return std::nullopt;
  return ppm + static_cast<std::uint32_t>(*part);
}

}  // namespace

std::string FormatShare(std::uint32_t ppm) {
  std::string text = std::to_string(ppm / kPpmInPercent);
  if (const std::uint32_t part = ppm % kPpmInPercent; part > 0) {
    text += '.' + std::to_string(kPpmInPercent + part).substr(1);
    text.erase(text.find_last_not_of('0') + 1);
  }
  return text + '%';
}

Complaint ReadShare(std::string_view text, std::uint32_t min_ppm, std::uint32_t max_ppm, std::uint32_t& out_ppm) {
  const auto ppm = ParseShare(text);
  if (!ppm || *ppm < min_ppm || *ppm > max_ppm) {
    return "a percentage from " + FormatShare(min_ppm) + " to " + FormatShare(max_ppm) +
           " with at most four decimals, as in \"" + FormatShare(max_ppm - max_ppm % (kPpmInPercent / 10)) + "\"";
  }
  out_ppm = *ppm;
  return std::nullopt;
}

Complaint ReadNetworks(const std::vector<std::string>& items, std::vector<base::IpNetwork>& out) {
  std::vector<base::IpNetwork> networks;
  for (const std::string& item : items) {
    if (item.empty()) continue;
    const auto network = base::IpNetwork::Parse(item);
    if (!network) return "of each entry " + std::string(base::kIpNetworkForms) + "; \"" + item + "\" is none of them";
    networks.push_back(*network);
  }
  out = std::move(networks);
  return std::nullopt;
}

namespace {

/// An IPv6 address only in the one way that browsers write it.
bool IsOriginHost(std::string_view text) {
  if (!text.starts_with('[') || !text.ends_with(']')) return IsHost(text);
  const std::string_view inside = text.substr(1, text.size() - 2);
  const auto address = base::IpAddress::Parse(inside);
  return address && !address->is_v4() && address->ToText().view() == inside;
}

bool IsOrigin(std::string_view text) {
  const bool secure = text.starts_with("https://");
  if (!secure && !text.starts_with("http://")) return false;
  text.remove_prefix(secure ? 8 : 7);
  if (std::ranges::any_of(text, [](char c) { return c >= 'A' && c <= 'Z'; })) return false;
  const std::size_t colon = text.rfind(':');
  const bool has_port = colon != std::string_view::npos && !text.ends_with(']');
  if (!has_port) return IsOriginHost(text);
  const std::string_view port = text.substr(colon + 1);
  const bool is_usual = port == (secure ? "443" : "80");
  return IsOriginHost(text.substr(0, colon)) && IsPort(port) && !port.starts_with('0') && !is_usual;
}

}  // namespace

Complaint ReadOrigins(const std::vector<std::string>& items, std::vector<std::string>& out) {
  std::vector<std::string> origins;
  for (const std::string& item : items) {
    if (item.empty()) continue;
    if (!IsOrigin(item)) {
      return "origins as browsers send them, http:// or https:// and a host, and a port unless it is the usual one, in "
             "lower case and without a path or wildcard, as in \"https://app.example.com\"; \"" +
             item + "\" is none";
    }
    origins.push_back(item);
  }
  out = std::move(origins);
  return std::nullopt;
}

Complaint CheckEndpoint(std::string_view text) {
  if (base::ParseEndpoint(text)) return std::nullopt;
  return std::string(base::kEndpointForms);
}

Complaint ReadBaseUrl(std::string_view text, std::string& out) {
  static constexpr std::string_view kExpected =
      "http:// or https:// and a host, perhaps with a port, and nothing else, as in "
      "\"https://portal.example.com\"";
  if (text.empty()) {
    out.clear();
    return std::nullopt;
  }
  std::string_view rest = text;
  if (rest.ends_with('/')) rest.remove_suffix(1);
  const std::string_view url = rest;
  if (rest.starts_with("https://")) {
    rest.remove_prefix(8);
  } else if (rest.starts_with("http://")) {
    rest.remove_prefix(7);
  } else {
    return std::string(kExpected);
  }
  const std::size_t colon = rest.rfind(':');
  const bool has_port = colon != std::string_view::npos && !rest.ends_with(']');
  if (!IsHost(rest.substr(0, has_port ? colon : rest.size()))) return std::string(kExpected);
  if (has_port && !IsPort(rest.substr(colon + 1))) return std::string(kExpected);
  out = url;
  return std::nullopt;
}

}  // namespace portal::config
