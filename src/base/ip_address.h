#pragma once

#include <netinet/in.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/inline_text.h"

namespace portal::base {

/// Whose end of a connection it is: an IPv4 or an IPv6 address without port and zone, or a Unix socket's, which has
/// none. An IPv4 address and its mapped IPv6 form (RFC 4291 §2.5.5.2) are the same.
class IpAddress {
 public:
  /// The other end of a Unix socket. It takes the place of `::`, which is nobody's address.
  constexpr IpAddress() = default;
  explicit IpAddress(const in_addr& v4);
  explicit IpAddress(const in6_addr& v6);

  /// The usual notations alone, `192.0.2.1`, `2001:db8::1`, `::ffff:192.0.2.1`: no brackets, port, zone or blanks, no
  /// leading zeros in IPv4, and neither `::` nor `unix`. nullopt for anything else.
  static std::optional<IpAddress> Parse(std::string_view text);

  constexpr bool is_unix() const { return high_ == 0 && low_ == 0; }
  constexpr bool is_v4() const { return high_ == 0 && low_ >> 32 == 0xffff; }

  /// `192.0.2.1`; RFC 5952 for IPv6; `unix`.
  InlineText<INET6_ADDRSTRLEN> ToText() const;

  /// What limits count together: an IPv4 address, or the /64 of an IPv6 one, which is what one subscriber has. All who
  /// come by Unix sockets are one.
  constexpr std::array<std::uint64_t, 2> LimitKey() const {
    if (is_unix()) return {0, 1};
    return {high_, is_v4() ? low_ : 0};
  }

  friend constexpr bool operator==(const IpAddress&, const IpAddress&) = default;

 private:
  friend class IpNetwork;

  // The sixteen bytes of the IPv6 form, as two numbers.
  std::uint64_t high_ = 0;
  std::uint64_t low_ = 0;
};

}  // namespace portal::base
