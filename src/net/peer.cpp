#include "net/peer.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <cstring>

namespace portal::net {

namespace {

// No IPv6 peer has an address in ff00::/8, which is multicast: IPv4 addresses are counted there.
// ::1 is in a /64 of zeros; 0 says that a peer is not counted.
constexpr std::uint64_t kLoopbackNetwork = 0xff01'0000'0000'0000;
constexpr std::uint64_t kIpv4Networks = 0xff00'0000'0000'0000;

Peer DescribeIpv4(const in_addr& address) {
  Peer peer;
  char text[INET_ADDRSTRLEN];
  peer.address.Assign(inet_ntop(AF_INET, &address, text, sizeof text));
  peer.network = kIpv4Networks | address.s_addr;
  return peer;
}

}  // namespace

Peer DescribePeer(const sockaddr_storage& address) {
  if (address.ss_family == AF_INET) return DescribeIpv4(reinterpret_cast<const sockaddr_in&>(address).sin_addr);
  Peer peer;
  if (address.ss_family == AF_INET6) {
    const auto& v6 = reinterpret_cast<const sockaddr_in6&>(address);
    // An inherited socket may serve both protocols: systemd's ListenStream=3000 does.
    if (IN6_IS_ADDR_V4MAPPED(&v6.sin6_addr)) {
      in_addr v4;
      std::memcpy(&v4, &v6.sin6_addr.s6_addr[12], sizeof v4);
      return DescribeIpv4(v4);
    }
    char text[INET6_ADDRSTRLEN];
    peer.address.Assign(inet_ntop(AF_INET6, &v6.sin6_addr, text, sizeof text));
    std::memcpy(&peer.network, &v6.sin6_addr, sizeof peer.network);
    if (peer.network == 0) peer.network = kLoopbackNetwork;
  } else {
    peer.address.Assign("unix");
  }
  return peer;
}

}  // namespace portal::net
