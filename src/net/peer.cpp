#include "net/peer.h"

#include <netinet/in.h>

namespace portal::net {

base::IpAddress PeerAddress(const sockaddr_storage& address) {
  if (address.ss_family == AF_INET) return base::IpAddress(reinterpret_cast<const sockaddr_in&>(address).sin_addr);
  // An inherited socket may serve both protocols, systemd's ListenStream=3000 does: the address knows which it is.
  if (address.ss_family == AF_INET6) return base::IpAddress(reinterpret_cast<const sockaddr_in6&>(address).sin6_addr);
  return {};
}

}  // namespace portal::net
