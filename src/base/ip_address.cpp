#include "base/ip_address.h"

#include <arpa/inet.h>
#include <endian.h>

#include <charconv>
#include <cstring>
#include <span>

namespace portal::base {
namespace {

/// The shortest way to the text that most log lines have.
std::size_t WriteV4(std::uint32_t address, std::span<char> out) {
  char* end = out.data();
  for (int shift = 24; shift >= 0; shift -= 8) {
    end = std::to_chars(end, out.data() + out.size(), address >> shift & 0xff).ptr;
    if (shift > 0) *end++ = '.';
  }
  return static_cast<std::size_t>(end - out.data());
}

}  // namespace

IpAddress::IpAddress(const in_addr& v4) : low_(std::uint64_t{0xffff} << 32 | ntohl(v4.s_addr)) {}

IpAddress::IpAddress(const in6_addr& v6) {
  std::memcpy(&high_, &v6.s6_addr[0], sizeof high_);
  std::memcpy(&low_, &v6.s6_addr[8], sizeof low_);
  high_ = be64toh(high_);
  low_ = be64toh(low_);
}

std::optional<IpAddress> IpAddress::Parse(std::string_view text) {
  char terminated[INET6_ADDRSTRLEN];
  if (text.size() >= sizeof terminated || text.find('\0') != std::string_view::npos) return std::nullopt;
  text.copy(terminated, text.size());
  terminated[text.size()] = '\0';
  in_addr v4;
  if (::inet_pton(AF_INET, terminated, &v4) == 1) return IpAddress(v4);
  in6_addr v6;
  if (::inet_pton(AF_INET6, terminated, &v6) != 1) return std::nullopt;
  const IpAddress address(v6);
  return address.is_unix() ? std::nullopt : std::optional(address);
}

InlineText<INET6_ADDRSTRLEN> IpAddress::ToText() const {
  if (is_unix()) return InlineText<INET6_ADDRSTRLEN>("unix");
  char text[INET6_ADDRSTRLEN];
  if (is_v4()) return InlineText<INET6_ADDRSTRLEN>({text, WriteV4(static_cast<std::uint32_t>(low_), text)});
  const std::uint64_t bytes[] = {htobe64(high_), htobe64(low_)};
  return InlineText<INET6_ADDRSTRLEN>(::inet_ntop(AF_INET6, bytes, text, sizeof text));
}

}  // namespace portal::base
