#pragma once

#include "base/clock.h"

namespace portal::app {

/// For what waits on sockets: the wall is the portal's, which a test may move; deadlines are the machine's, since what
/// is at the other end does not move along. Thread-safe.
class SocketClock final : public base::Clock {
 public:
  /// `wall` is borrowed.
  explicit SocketClock(const base::Clock& wall) : wall_(wall) {}
  base::MonotonicTime Monotonic() const override { return machine_.Monotonic(); }
  base::WallTime Wall() const override { return wall_.Wall(); }

 private:
  const base::Clock& wall_;
  const base::SystemClock machine_;
};

}  // namespace portal::app
