#pragma once

#include <atomic>
#include <chrono>

#include "base/clock.h"

namespace portal::testing {

/// A clock that moves only when a test says so. Thread-safe.
class ManualClock final : public base::Clock {
 public:
  explicit ManualClock(base::WallTime wall = base::WallTime{std::chrono::milliseconds{1'756'778'723'456}})
      : wall_us_(std::chrono::microseconds(wall.time_since_epoch()).count()) {}
  base::MonotonicTime Monotonic() const override {
    return base::MonotonicTime{std::chrono::microseconds{monotonic_us_.load()}};
  }
  base::WallTime Wall() const override {
    return std::chrono::floor<std::chrono::milliseconds>(
        std::chrono::sys_time<std::chrono::microseconds>{std::chrono::microseconds{wall_us_.load()}});
  }

  void Advance(std::chrono::microseconds by) {
    monotonic_us_ += by.count();
    wall_us_ += by.count();
  }
  void SetWall(base::WallTime wall) { wall_us_ = std::chrono::microseconds(wall.time_since_epoch()).count(); }

 private:
  std::atomic<std::int64_t> monotonic_us_{1'000'000'000};
  std::atomic<std::int64_t> wall_us_;
};

}  // namespace portal::testing
