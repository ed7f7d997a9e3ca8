#include "app/clock_watch.h"

namespace portal::app {

std::optional<std::chrono::milliseconds> ClockWatch::Look() {
  const auto offset = Offset();
  if (!offset) return std::nullopt;
  const auto jump = *offset - offset_.value_or(*offset);
  offset_ = offset;
  if (std::chrono::abs(jump) < kTolerance) return std::nullopt;
  return jump;
}

std::optional<ClockWatch::Wall> ClockWatch::Offset() const {
  const base::MonotonicTime before = clock_.Monotonic();
  const base::WallTime wall = clock_.Wall();
  if (clock_.Monotonic() - before > kTolerance / 10) return std::nullopt;
  return wall.time_since_epoch() - std::chrono::duration_cast<Wall>(before.time_since_epoch());
}

}  // namespace portal::app
