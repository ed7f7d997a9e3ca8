#pragma once

#include <chrono>
#include <optional>

#include "base/clock.h"

namespace portal::app {

/// Notices that the machine's wall clock was set while the portal runs, or that the machine slept: expiries and times
/// in rows follow the wall clock, deadlines and budgets do not, and an operator who wonders about the former should
/// find the jump in the log. A clock that is slewed, as NTP does, does not jump. Not thread-safe.
class ClockWatch {
 public:
  /// Smaller steps than this disturb nobody.
  static constexpr std::chrono::milliseconds kTolerance{500};

  explicit ClockWatch(const base::Clock& clock) : clock_(clock), offset_(Offset()) {}

  /// By how much the wall clock has jumped since the last call, forwards or backwards; nullopt: it has not. To be
  /// called every second or so: what happens in between is told as one jump.
  std::optional<std::chrono::milliseconds> Look();

 private:
  using Wall = base::WallTime::duration;

  /// The wall clock's lead over the monotonic one; nullopt when the thread was held up between looking at the two.
  std::optional<Wall> Offset() const;

  const base::Clock& clock_;
  std::optional<Wall> offset_;  // as of the last look that told something
};

}  // namespace portal::app
