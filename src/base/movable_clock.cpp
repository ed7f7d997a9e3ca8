#include "base/movable_clock.h"

#include <algorithm>

namespace portal::base {

using std::chrono::milliseconds;

namespace {

/// How far one move takes monotonic time: longer than anybody waits for anything.
constexpr milliseconds kFarthestMove = std::chrono::days{400};
/// How far all of them do: nanoseconds in 64 bits end after 292 years.
constexpr milliseconds kFarthest = std::chrono::years{200};

std::int64_t Ahead(std::int64_t ahead_ms, milliseconds by) {
  return std::min(ahead_ms + std::min(by, kFarthestMove).count(), kFarthest.count());
}

}  // namespace

MovableClock::MovableClock(std::optional<WallTime> start) : start_(start) { Reset(); }

MonotonicTime MovableClock::Monotonic() const { return machine_.Monotonic() + milliseconds{monotonic_ahead_ms_}; }

WallTime MovableClock::Wall() const { return machine_.Wall() + milliseconds{wall_ahead_ms_}; }

void MovableClock::Set(WallTime wall) {
  const MutexLock lock(moving_);
  const milliseconds by = wall - Wall();
  wall_ahead_ms_ += by.count();
  monotonic_ahead_ms_ = Ahead(monotonic_ahead_ms_, std::max(by, milliseconds{0}));
}

void MovableClock::Advance(milliseconds by) {
  const MutexLock lock(moving_);
  wall_ahead_ms_ += by.count();
  monotonic_ahead_ms_ = Ahead(monotonic_ahead_ms_, by);
}

void MovableClock::Reset() {
  const MutexLock lock(moving_);
  wall_ahead_ms_ = start_ ? (*start_ - machine_.Wall()).count() : 0;
}

}  // namespace portal::base
