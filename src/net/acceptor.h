#pragma once

#include <cstdint>
#include <optional>
#include <utility>

#include "base/inline_text.h"
#include "base/unique_fd.h"
#include "net/socket.h"

namespace portal::net {

/// A numeric address without its port.
using PeerAddress = base::InlineText<48>;

struct Accepted {
  Socket socket;
  PeerAddress peer;
};

/// Takes connections off listening sockets and survives whatever accept4 says: a client that has gone
/// already, a network that is down, no memory, no descriptors. For the last it keeps one descriptor in
/// reserve, so that the client is at least hung up on: a queue nobody can take from would wake every
/// event loop forever. Not thread-safe.
class Acceptor {
 public:
  Acceptor();

  /// The next connection; nullopt when none waits.
  std::optional<Accepted> Next(int listener_fd);

  /// Connections hung up on for want of descriptors, since the last call.
  std::uint64_t TakeHungUp() { return std::exchange(hung_up_, 0); }

 private:
  bool HangUpOne(int listener_fd);

  base::UniqueFd reserve_;
  std::uint64_t hung_up_ = 0;
};

}  // namespace portal::net
