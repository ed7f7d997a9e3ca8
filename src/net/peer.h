#pragma once

#include <sys/socket.h>

#include "base/ip_address.h"

namespace portal::net {

/// Who is on the other end of a connection: `address` as accept4 filled it in.
base::IpAddress PeerAddress(const sockaddr_storage& address);

}  // namespace portal::net
