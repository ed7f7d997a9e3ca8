#include "app/clock_watch.h"

#include <gtest/gtest.h>

#include <chrono>
#include <optional>

#include "support/manual_clock.h"

namespace portal::app {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;

class ClockWatchTest : public ::testing::Test {
 protected:
  void Jump(milliseconds by) { clock_.SetWall(clock_.Wall() + by); }

  testing::ManualClock clock_;
  ClockWatch watch_{clock_};
};

TEST_F(ClockWatchTest, SaysNothingWhileBothClocksGoOn) {
  for (const milliseconds by : {0ms, 1ms, 1000ms, 86'400'000ms}) {
    clock_.Advance(by);
    EXPECT_EQ(watch_.Look(), std::nullopt) << by.count();
  }
}

TEST_F(ClockWatchTest, TellsEachJumpOnceAndByHowMuch) {
  for (const milliseconds by : {milliseconds(-24h), milliseconds(87'600h), 1000ms, -1000ms, 500ms, -500ms}) {
    Jump(by);
    clock_.Advance(1s);
    EXPECT_EQ(watch_.Look(), by);
    clock_.Advance(1s);
    EXPECT_EQ(watch_.Look(), std::nullopt) << "once";
  }
}

TEST_F(ClockWatchTest, TellsJumpsBetweenTwoLooksAsOne) {
  Jump(1h);
  Jump(-10s);
  EXPECT_EQ(watch_.Look(), 1h - 10s);
  Jump(1h);
  Jump(-1h);
  EXPECT_EQ(watch_.Look(), std::nullopt);
}

TEST_F(ClockWatchTest, TakesSlewingForNoJumpHoweverLongItGoesOn) {
  for (int second = 0; second < 3600; ++second) {
    clock_.Advance(1s);
    Jump(-1ms);
    ASSERT_EQ(watch_.Look(), std::nullopt);
  }
}

/// Its thread is held up for a while between a look at the one clock and at the other.
class HeldUpClock final : public base::Clock {
 public:
  base::MonotonicTime Monotonic() const override { return base::MonotonicTime{now_ += held_up}; }
  base::WallTime Wall() const override { return base::WallTime{std::chrono::floor<milliseconds>(now_) + lead}; }
  milliseconds held_up{0};
  milliseconds lead{0};

 private:
  mutable base::MonotonicTime::duration now_{1h};
};

TEST(ClockWatchOfABusyMachine, DoesNotTakeAPauseForAJumpNorMissTheJumpAfterIt) {
  HeldUpClock clock;
  clock.held_up = 2s;  // from the first look on
  ClockWatch watch(clock);
  EXPECT_EQ(watch.Look(), std::nullopt);
  clock.held_up = 0ms;
  EXPECT_EQ(watch.Look(), std::nullopt);
  clock.held_up = 2s;
  clock.lead = 1h;
  EXPECT_EQ(watch.Look(), std::nullopt);
  clock.held_up = 0ms;
  EXPECT_EQ(watch.Look(), 1h);
}

}  // namespace
}  // namespace portal::app
