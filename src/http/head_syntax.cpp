#include "http/head_syntax.h"

#include <arpa/inet.h>

#include <array>
#include <charconv>
#include <cstring>
#include <limits>

namespace portal::http {

namespace {

constexpr std::uint8_t kToken = 1;
constexpr std::uint8_t kValue = 2;
constexpr std::uint8_t kTarget = 4;
constexpr std::uint8_t kRegName = 8;

constexpr bool IsAlphaNumeric(int c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

constexpr std::array<std::uint8_t, 256> MakeClasses() {
  std::array<std::uint8_t, 256> classes{};
  for (int c = 0; c < 256; ++c) {
    const auto in = [c](std::string_view set) { return set.find(static_cast<char>(c)) != std::string_view::npos; };
    std::uint8_t& entry = classes[static_cast<std::size_t>(c)];
    if (IsAlphaNumeric(c) || (c < 128 && in("!#$%&'*+-.^_`|~"))) entry |= kToken;
    if (c == '\t' || (c >= ' ' && c != 0x7f)) entry |= kValue;
    if (c > ' ' && c < 0x7f && c != '#') entry |= kTarget;
    if (IsAlphaNumeric(c) || (c < 128 && in("-._~!$&'()*+,;="))) entry |= kRegName;
  }
  return classes;
}

constexpr std::array<std::uint8_t, 256> kClasses = MakeClasses();

bool Is(char c, std::uint8_t wanted) { return (kClasses[static_cast<unsigned char>(c)] & wanted) != 0; }

bool All(std::string_view text, std::uint8_t wanted) {
  std::uint8_t common = wanted;
  for (char c : text) common &= kClasses[static_cast<unsigned char>(c)];
  return common != 0;
}

bool IsHexDigit(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

bool IsRegName(std::string_view text) {
  if (text.empty()) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (Is(text[i], kRegName)) continue;
    if (text[i] != '%' || text.size() - i < 3 || !IsHexDigit(text[i + 1]) || !IsHexDigit(text[i + 2])) return false;
    i += 2;
  }
  return true;
}

bool IsIpv6(std::string_view text) {
  std::array<char, INET6_ADDRSTRLEN> terminated{};
  if (text.empty() || text.size() >= terminated.size()) return false;
  std::memcpy(terminated.data(), text.data(), text.size());
  in6_addr address{};
  return inet_pton(AF_INET6, terminated.data(), &address) == 1;
}

bool IsPort(std::string_view text) {
  if (text.empty()) return true;
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  return error == std::errc{} && end == text.data() + text.size();
}

}  // namespace

bool IsTokenChar(char c) { return Is(c, kToken); }

bool IsToken(std::string_view text) { return !text.empty() && All(text, kToken); }

bool IsFieldValue(std::string_view text) { return All(text, kValue); }

bool IsTargetText(std::string_view text) { return !text.empty() && All(text, kTarget); }

bool IsAuthority(std::string_view text) {
  if (text.starts_with('[')) {
    const std::size_t end = text.find(']');
    if (end == std::string_view::npos || !IsIpv6(text.substr(1, end - 1))) return false;
    const std::string_view rest = text.substr(end + 1);
    return rest.empty() || (rest.front() == ':' && IsPort(rest.substr(1)));
  }
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) return IsRegName(text);
  return IsRegName(text.substr(0, colon)) && IsPort(text.substr(colon + 1));
}

bool IsAuthorityWithPort(std::string_view text) {
  const std::string_view port = text.substr(text.find_last_not_of("0123456789") + 1);
  const bool after_colon = port.size() < text.size() && text[text.size() - port.size() - 1] == ':';
  return after_colon && port.find_first_not_of('0') != std::string_view::npos && IsAuthority(text);
}

std::optional<std::uint64_t> ParseContentLength(std::string_view text) {
  std::uint64_t length = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), length);
  constexpr auto kMost = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  if (error != std::errc{} || end != text.data() + text.size() || length > kMost) return std::nullopt;
  return length;
}

std::string_view TrimBlanks(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

std::string_view TakeListMember(std::string_view& list, bool& more) {
  const std::size_t comma = list.find(',');
  more = comma != std::string_view::npos;
  const std::string_view member = list.substr(0, comma);
  list.remove_prefix(more ? comma + 1 : list.size());
  return TrimBlanks(member);
}

}  // namespace portal::http
