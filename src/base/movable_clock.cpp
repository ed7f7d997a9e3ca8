#include "base/movable_clock.h"

#include <algorithm>

namespace portal::base {

using std::chrono::milliseconds;

MovableClock::MovableClock(std::optional<WallTime> start) : start_(start) { Reset(); }

MonotonicTime MovableClock::Monotonic() const { return machine_.Monotonic() + milliseconds{monotonic_ahead_ms_}; }

WallTime MovableClock::Wall() const { return machine_.Wall() + milliseconds{wall_ahead_ms_}; }

void MovableClock::Set(WallTime wall) {
  const MutexLock lock(moving_);
  const milliseconds by = wall - Wall();
  wall_ahead_ms_ += by.count();
  monotonic_ahead_ms_ += std::max(by, milliseconds{0}).count();
}

void MovableClock::Advance(milliseconds by) {
  const MutexLock lock(moving_);
  wall_ahead_ms_ += by.count();
  monotonic_ahead_ms_ += by.count();
}

void MovableClock::Reset() {
  const MutexLock lock(moving_);
  wall_ahead_ms_ = start_ ? (*start_ - machine_.Wall()).count() : 0;
}

}  // namespace portal::base
