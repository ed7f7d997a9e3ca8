#pragma once

#include <atomic>
#include <cstddef>
#include <vector>

#include "base/clock.h"
#include "net/admission.h"
#include "net/counts.h"
#include "net/mailbox.h"

namespace portal::net {

/// What the event loops of a server know of each other. Thread-safe once `members` is complete.
struct LoopGroup {
  struct Member {
    Mailbox mailbox;
    std::atomic<std::size_t> connections{0};  ///< open, or on their way through the mailbox
    std::atomic<bool> came_round{true};       ///< set whenever the loop comes round, cleared by whoever watches it
    std::atomic<bool> finished{false};        ///< it will not come round any more, and need not
    LoopCounters counters;
  };

  LoopGroup(std::size_t loops, const Limits& limits) : members(loops), admission(limits), accepting(loops) {}

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
  Admission admission;
  std::atomic<bool> draining{false};
  std::atomic<base::MonotonicTime> drain_until{};  ///< valid once `draining` is true
  /// Loops that may still accept, and so send each other connections.
  std::atomic<std::size_t> accepting;
};

}  // namespace portal::net
