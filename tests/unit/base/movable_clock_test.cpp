#include "base/movable_clock.h"

#include <gtest/gtest.h>

#include "base/time_text.h"

namespace portal::base {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

// The machine's clock goes on while a test runs: what is compared may be this much later.
constexpr seconds kMeanwhile{60};

void ExpectSoonAfter(WallTime time, WallTime earlier) {
  EXPECT_GE(time, earlier);
  EXPECT_LT(time, earlier + kMeanwhile);
}

WallTime At(const char* text) { return *ParseRfc3339(text); }

TEST(MovableClock, GoesLikeTheMachinesUntilItIsMoved) {
  const MovableClock clock(std::nullopt);
  const SystemClock machine;
  const WallTime wall = machine.Wall();
  const MonotonicTime monotonic = machine.Monotonic();
  ExpectSoonAfter(clock.Wall(), wall);
  EXPECT_GE(clock.Monotonic(), monotonic);
  EXPECT_LT(clock.Monotonic(), monotonic + kMeanwhile);
}

TEST(MovableClock, StartsWhereItIsToldAndGoesOn) {
  const MovableClock clock(At("2025-09-02T10:00:00Z"));
  const WallTime first = clock.Wall();
  ExpectSoonAfter(first, At("2025-09-02T10:00:00Z"));
  EXPECT_GE(clock.Wall(), first);
}

TEST(MovableClock, LeavesWorkThatIsGoingOnAlone) {
  MovableClock clock(std::nullopt);
  const MonotonicTime begun = clock.Unmoved();
  clock.Advance(hours{1});
  clock.Set(clock.Wall() + hours{24});
  clock.Set(clock.Wall() - hours{48});
  clock.Reset();
  EXPECT_GE(clock.Unmoved(), begun);
  EXPECT_LT(clock.Unmoved(), begun + kMeanwhile);
}

TEST(MovableClock, AdvancesBothTimes) {
  MovableClock clock(At("2025-09-02T10:00:00Z"));
  const MonotonicTime before = clock.Monotonic();
  clock.Advance(hours{2});
  ExpectSoonAfter(clock.Wall(), At("2025-09-02T12:00:00Z"));
  EXPECT_GE(clock.Monotonic(), before + hours{2});
  EXPECT_LT(clock.Monotonic(), before + hours{2} + kMeanwhile);
}

TEST(MovableClock, TakesMonotonicTimeAlongForwardsAndNeverBack) {
  MovableClock clock(At("2025-09-02T10:00:00Z"));
  const MonotonicTime start = clock.Monotonic();
  clock.Set(At("2025-09-03T10:00:00Z"));
  ExpectSoonAfter(clock.Wall(), At("2025-09-03T10:00:00Z"));
  EXPECT_GT(clock.Monotonic(), start + hours{23});
  const MonotonicTime ahead = clock.Monotonic();
  clock.Set(At("2001-01-01T00:00:00Z"));
  ExpectSoonAfter(clock.Wall(), At("2001-01-01T00:00:00Z"));
  EXPECT_GE(clock.Monotonic(), ahead);
  EXPECT_LT(clock.Monotonic(), ahead + kMeanwhile);
}

TEST(MovableClock, GoesBackToWhereItStarted) {
  MovableClock clock(At("2025-09-02T10:00:00Z"));
  clock.Advance(hours{500});
  const MonotonicTime before = clock.Monotonic();
  clock.Reset();
  ExpectSoonAfter(clock.Wall(), At("2025-09-02T10:00:00Z"));
  EXPECT_GE(clock.Monotonic(), before);
}

}  // namespace
}  // namespace portal::base
