#include "base/stop_signal.h"

#include <gtest/gtest.h>

#include <chrono>
#include <future>

namespace portal::base {
namespace {

using namespace std::chrono_literals;

TEST(StopSignal, WithoutItAWaitLastsUntilItsTime) {
  StopSignal stop;
  const auto start = std::chrono::steady_clock::now();
  EXPECT_TRUE(stop.WaitFor(20ms));
  EXPECT_GE(std::chrono::steady_clock::now() - start, 20ms);
  EXPECT_TRUE(stop.WaitUntil(start)) << "a time that has been";
  EXPECT_FALSE(stop.raised());
}

TEST(StopSignal, EndsEveryWaitAtOnceAndForGood) {
  StopSignal stop;
  const auto hour = [&stop] { return stop.WaitFor(1h); };
  auto one = std::async(std::launch::async, hour);
  auto other = std::async(std::launch::async, hour);
  stop.Raise();
  EXPECT_FALSE(one.get());
  EXPECT_FALSE(other.get());
  EXPECT_TRUE(stop.raised());
  EXPECT_FALSE(hour());
  EXPECT_FALSE(stop.WaitFor(0s)) << "nor is a time that has come a reason to go on";
}

}  // namespace
}  // namespace portal::base
