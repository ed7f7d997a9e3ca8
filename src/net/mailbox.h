#pragma once

#include <cstdint>
#include <memory>
#include <variant>
#include <vector>

#include "base/mutex.h"
#include "base/unique_fd.h"
#include "net/acceptor.h"
#include "net/exchange.h"
#include "net/settings.h"

namespace portal::net {

/// A connection as others may remember it: the slot is used again after it closed, the pair never is.
struct ConnectionRef {
  std::uint32_t slot = 0;
  std::uint32_t generation = 0;
};

/// What the slow-read pool has done, for a connection that may be gone by now.
struct PoolDone {
  ConnectionRef connection;
  std::unique_ptr<Exchange> exchange;
};

using Message = std::variant<Accepted, PoolDone, Settings>;

/// What other threads hand to an event loop. Thread-safe.
class Mailbox {
 public:
  Mailbox();  ///< throws std::system_error when the kernel has no descriptor left

  void Post(Message message);
  /// Makes `fd` readable without a message.
  void Wake();

  /// Swaps the waiting messages into `into`, which is cleared first. The owner only.
  void Take(std::vector<Message>& into);

  /// Readable, edge by edge, when there is something new.
  int fd() const { return event_.get(); }

 private:
  base::UniqueFd event_;
  base::Mutex mu_;
  std::vector<Message> waiting_ GUARDED_BY(mu_);
};

}  // namespace portal::net
