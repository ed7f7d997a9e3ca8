#pragma once

#include <cstdint>

#include "base/ip_address.h"
#include "base/unique_fd.h"

namespace portal::net {

/// A connection that the kernel has made, and nobody serves yet.
struct Accepted {
  base::UniqueFd fd;
  base::IpAddress peer;
  bool secure = false;  ///< came to a listener that speaks TLS
};

/// Takes connections off listening sockets and survives whatever accept4 says. Keeps one descriptor in
/// reserve, so that when there is none left a client can at least be hung up on: a queue that nobody can take
/// from would wake every event loop forever. Not thread-safe.
class Acceptor {
 public:
  enum class Outcome : std::uint8_t {
    kAccepted,
    kNobody,        ///< nobody waits any more
    kClientGone,    ///< the one that waited has hung up, or the network below it is down; ask again
    kNoDescriptor,  ///< one waits, but the process or the machine has no descriptor left
    kFailed,        ///< no memory, or worse: asking again at once brings the same
  };

  Acceptor();

  /// Fills in `fd` and `peer` on kAccepted only.
  Outcome Next(int listener_fd, Accepted& accepted);

  /// After kNoDescriptor: spends the reserve on taking one client and closing it, and takes the reserve back.
  /// False: another thread was faster; nobody was hung up on.
  bool HangUpOne(int listener_fd);

 private:
  base::UniqueFd reserve_;
};

}  // namespace portal::net
