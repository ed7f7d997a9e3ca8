#include "metrics/sample_ring.h"

#include <gtest/gtest.h>

#include "support/manual_clock.h"

namespace portal::metrics {
namespace {

using namespace std::chrono_literals;

class SampleRingTest : public ::testing::Test {
 protected:
  void Ask(std::size_t endpoint, int status, std::chrono::nanoseconds duration, std::size_t method = 0) {
    metrics_.Note(base::WorkerId{0}, {endpoint, method, status, duration, {}, clock_.Wall()});
  }
  void PassSecond() {
    clock_.Advance(1s);
    ring_.Note(metrics_.Read());
  }

  testing::ManualClock clock_;
  RequestMetrics metrics_{{"/v*/health", "/v*/contacts"}, {"GET", "HEAD"}, 1};
  SampleRing ring_{metrics_.Read(), clock_};
};

TEST_F(SampleRingTest, ASampleHoldsWhatCameInItsSecondAlone) {
  Ask(1, 200, 2ms);
  PassSecond();
  Ask(1, 200, 2ms);
  Ask(1, 200, 2ms, 1);
  Ask(1, 503, 2ms);
  Ask(1, 429, 2ms);
  PassSecond();
  PassSecond();
  const auto samples = ring_.After(0);
  ASSERT_EQ(samples.size(), 3u);
  EXPECT_EQ(samples[1].id, 2u);
  EXPECT_EQ(samples[1].at, clock_.Wall() - 1s);
  EXPECT_EQ(samples[1].length, 1000ms);
  ASSERT_EQ(samples[1].endpoints.size(), 1u);
  const TrafficSample::Endpoint& contacts = samples[1].endpoints[0];
  EXPECT_EQ(ring_.endpoints()[contacts.index], "/v*/contacts");
  EXPECT_EQ(contacts.requests, 4u);
  EXPECT_EQ(contacts.errors, 1u);
  EXPECT_EQ(samples[0].endpoints[0].requests, 1u);
  EXPECT_TRUE(samples[2].endpoints.empty());
}

TEST_F(SampleRingTest, QuantilesAreOfThatSecond) {
  for (int i = 0; i < 90; ++i) Ask(0, 200, 80us);
  for (int i = 0; i < 10; ++i) Ask(0, 200, 450ms);
  PassSecond();
  Ask(0, 200, 80us);
  PassSecond();
  const auto samples = ring_.After(0);
  const auto& slow = samples[0].endpoints[0].durations_ms;
  EXPECT_LE(slow[0], 0.1);
  EXPECT_NEAR(slow[1], 450, 50);
  EXPECT_NEAR(slow[2], 450, 50);
  EXPECT_LE(samples[1].endpoints[0].durations_ms[2], 0.1);
}

TEST_F(SampleRingTest, ASampleThatComesLateSaysHowLongItIs) {
  clock_.Advance(2500ms);
  ring_.Note(metrics_.Read());
  EXPECT_EQ(ring_.After(0)[0].length, 2500ms);
}

TEST_F(SampleRingTest, WhoeverHasSeenSomeGetsTheRest) {
  for (int i = 0; i < 5; ++i) PassSecond();
  const struct {
    std::uint64_t after;
    std::size_t first;
    std::size_t count;
  } cases[] = {{0, 1, 5}, {3, 4, 2}, {4, 5, 1}, {6, 1, 5}, {1'000'000, 1, 5}};
  for (const auto& [after, first, count] : cases) {
    const auto samples = ring_.After(after);
    ASSERT_EQ(samples.size(), count) << after;
    EXPECT_EQ(samples[0].id, first) << after;
  }
  EXPECT_TRUE(ring_.After(5).empty());
}

TEST_F(SampleRingTest, HoldsAQuarterOfAnHourAndNoMore) {
  for (int i = 0; i < 1000; ++i) PassSecond();
  const auto samples = ring_.After(0);
  ASSERT_EQ(samples.size(), 900u);
  EXPECT_EQ(samples.front().id, 101u);
  EXPECT_EQ(samples.back().id, 1000u);
  EXPECT_EQ(ring_.since(), clock_.Wall() - 1000s);
}

}  // namespace
}  // namespace portal::metrics
