#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>

#include "base/clock.h"
#include "base/mutex.h"

namespace portal::base {

/// A clock that goes like the machine's and can be moved, for test mode. The wall may go anywhere; monotonic time
/// follows it forwards and never goes back. Thread-safe.
class MovableClock final : public Clock {
 public:
  /// What the wall may be moved to: what every format of a time can say, and no deadline overflows.
  static constexpr WallTime kEarliest = std::chrono::sys_days{std::chrono::January / 1 / 1970};
  static constexpr WallTime kLatest = std::chrono::sys_days{std::chrono::January / 1 / 2900};
  static constexpr bool IsWithin(WallTime wall) { return wall >= kEarliest && wall <= kLatest; }

  /// `start`: what the wall shows now, and after each Reset; nullopt: the machine's time.
  explicit MovableClock(std::optional<WallTime> start);

  MonotonicTime Monotonic() const override;
  WallTime Wall() const override;
  MonotonicTime Unmoved() const override { return machine_.Monotonic(); }

  /// REQUIRES: IsWithin(wall).
  void Set(WallTime wall);
  /// REQUIRES: by >= 0, and IsWithin(Wall() + by).
  void Advance(std::chrono::milliseconds by);
  /// The wall is where it started; monotonic time stays.
  void Reset();

 private:
  const SystemClock machine_;
  const std::optional<WallTime> start_;
  Mutex moving_;                                     // one at a time
  std::atomic<std::int64_t> monotonic_ahead_ms_{0};  // of the machine's
  std::atomic<std::int64_t> wall_ahead_ms_{0};
};

}  // namespace portal::base
