#pragma once

#include <atomic>
#include <cstddef>
#include <vector>

#include "base/clock.h"
#include "net/mailbox.h"

namespace portal::net {

/// What the event loops of a server know of each other. Thread-safe once `members` is complete.
struct LoopGroup {
  struct Member {
    Mailbox mailbox;
    std::atomic<std::size_t> connections{0};  ///< open, or on their way through the mailbox
  };

  explicit LoopGroup(std::size_t loops) : members(loops), accepting(loops) {}

  /// Where the next connection is least in the way; `self` when it is as good as any.
  Member& LeastLoaded(Member& self) {
    Member* least = &self;
    for (Member& member : members) {
      if (member.connections.load(std::memory_order_relaxed) < least->connections.load(std::memory_order_relaxed)) {
        least = &member;
      }
    }
    return *least;
  }

  void WakeAll() {
    for (Member& member : members) member.mailbox.Wake();
  }

  std::vector<Member> members;
  std::atomic<bool> draining{false};
  std::atomic<base::MonotonicTime> drain_until{};  ///< valid once `draining` is true
  /// Loops that may still accept, and so send each other connections.
  std::atomic<std::size_t> accepting;
};

}  // namespace portal::net
