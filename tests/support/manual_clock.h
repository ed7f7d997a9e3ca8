#pragma once

#include <atomic>
#include <chrono>

#include "base/clock.h"

namespace portal::testing {

/// A clock that moves only when a test says so. Thread-safe.
class ManualClock final : public base::Clock {
 public:
  explicit ManualClock(base::WallTime wall = base::WallTime{std::chrono::milliseconds{1'756'778'723'456}})
      : wall_ms_(wall.time_since_epoch().count()) {}
  base::MonotonicTime Monotonic() const override {
    return base::MonotonicTime{std::chrono::milliseconds{monotonic_ms_.load()}};
  }
  base::WallTime Wall() const override { return base::WallTime{std::chrono::milliseconds{wall_ms_.load()}}; }

  void Advance(std::chrono::milliseconds by) {
    monotonic_ms_ += by.count();
    wall_ms_ += by.count();
  }
  void SetWall(base::WallTime wall) { wall_ms_ = wall.time_since_epoch().count(); }

 private:
  std::atomic<std::int64_t> monotonic_ms_{1'000'000};
  std::atomic<std::int64_t> wall_ms_;
};

}  // namespace portal::testing
