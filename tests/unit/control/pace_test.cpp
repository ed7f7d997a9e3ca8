#include "control/pace.h"

#include <gtest/gtest.h>

namespace portal::control {
namespace {

using namespace std::chrono_literals;

TEST(Pace, JudgesAWholeWindowOfWaitingAtATime) {
  Pace pace(10s, 100);
  EXPECT_EQ(pace.patience(), 10s);
  EXPECT_TRUE(pace.Note(9s, 0)) << "the window is not over";
  EXPECT_EQ(pace.patience(), 1s);
  EXPECT_TRUE(pace.Note(1s, 1000));
  EXPECT_EQ(pace.patience(), 10s) << "a new window";
  EXPECT_FALSE(pace.Note(10s, 999));
}

TEST(Pace, DoesNotCountTheTimeInWhichNobodyWaits) {
  Pace pace(10s, 100);
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(pace.Note(0s, 1));
  EXPECT_EQ(pace.patience(), 10s);
}

TEST(Pace, WantsSomeMovementEvenWhereNoRateIsAskedFor) {
  Pace pace(10s, 0);
  EXPECT_TRUE(pace.Note(10s, 1));
  EXPECT_FALSE(pace.Note(10s, 0));
}

}  // namespace
}  // namespace portal::control
