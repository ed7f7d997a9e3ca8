#pragma once

#include <sys/socket.h>

#include <cstdint>

#include "base/inline_text.h"

namespace portal::net {

/// Who is on the other end of a connection.
struct Peer {
  base::InlineText<48> address;  ///< numeric, without its port; `unix` for a Unix socket
  /// What `Limits::max_connections_per_address` counts: an IPv4 address, or the /64 of an IPv6 one, which is
  /// what one subscriber has. 0: a Unix socket, which is not counted.
  std::uint64_t network = 0;
};

/// `address` as accept4 filled it in.
Peer DescribePeer(const sockaddr_storage& address);

}  // namespace portal::net
