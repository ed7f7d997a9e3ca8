#include "net/peer.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <cstring>

namespace portal::net {

namespace {

// No IPv6 peer has an address in ff00::/8, which is multicast: IPv4 addresses are counted there.
constexpr std::uint64_t kIpv4Networks = 0xff00'0000'0000'0000;

}  // namespace

Peer DescribePeer(const sockaddr_storage& address) {
  Peer peer;
  char text[INET6_ADDRSTRLEN];
  if (address.ss_family == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(address);
    peer.address.Assign(inet_ntop(AF_INET, &v4.sin_addr, text, sizeof text));
    peer.network = kIpv4Networks | v4.sin_addr.s_addr;
  } else if (address.ss_family == AF_INET6) {
    const auto& v6 = reinterpret_cast<const sockaddr_in6&>(address);
    peer.address.Assign(inet_ntop(AF_INET6, &v6.sin6_addr, text, sizeof text));
    std::memcpy(&peer.network, &v6.sin6_addr, sizeof peer.network);
  } else {
    peer.address.Assign("unix");
  }
  return peer;
}

}  // namespace portal::net
