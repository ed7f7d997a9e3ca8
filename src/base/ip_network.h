#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/ip_address.h"

namespace portal::base {

/// Addresses that begin alike (CIDR, RFC 4632), of one family; or a single one; or all Unix sockets.
class IpNetwork {
 public:
  /// `10.0.0.0/8`, `2001:db8::/32`, an address alone, or `unix`. nullopt for anything else, and where bits are set
  /// beyond the prefix: whoever writes 10.1.2.3/8 may mean the one address or the network.
  static std::optional<IpNetwork> Parse(std::string_view text);

  /// IPv4 addresses are only in networks that are written as IPv4, or as mapped: `::/0` is all of IPv6.
  bool Contains(const IpAddress& address) const;

  /// What `Parse` reads back.
  std::string ToText() const;

  friend bool operator==(const IpNetwork&, const IpNetwork&) = default;

 private:
  IpNetwork(const IpAddress& first, unsigned bits) : first_(first), bits_(bits) {}
  IpAddress Masked(const IpAddress& address) const;

  IpAddress first_;
  unsigned bits_;  // of the prefix, in the IPv6 form
};

/// What a right one looks like, to follow the word "expected".
inline constexpr std::string_view kIpNetworkForms =
    "an address or a network without host bits, as in \"192.0.2.1\", \"10.0.0.0/8\" or \"2001:db8::/32\", or \"unix\"";

/// Whether one of them has it.
bool AnyContains(std::span<const IpNetwork> networks, const IpAddress& address);

}  // namespace portal::base
