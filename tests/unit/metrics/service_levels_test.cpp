#include "metrics/service_levels.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

#include "support/manual_clock.h"

namespace portal::metrics {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kContacts = 0;
constexpr std::size_t kBlobs = 1;

std::vector<Objective> Objectives() {
  return {{"/v*/contacts", LatencyTargets{300ms, 600ms}}, {"/files/{name}", std::nullopt}};
}

class ServiceLevelsTest : public ::testing::Test {
 protected:
  void Ask(int status, std::chrono::nanoseconds duration, int times = 1, std::size_t endpoint = kContacts) {
    for (int i = 0; i < times; ++i) {
      metrics_.Note(base::WorkerId{0}, {endpoint, 0, status, duration, {}, clock_.Wall()});
    }
  }
  void Pass(std::chrono::seconds time = 1s) {
    clock_.Advance(time);
    levels_.Note(metrics_.Read());
  }
  ServiceLevel Level(std::size_t window = 0, std::size_t endpoint = kContacts) const {
    return levels_.Report().endpoints[endpoint].windows[window];
  }

  testing::ManualClock clock_;
  RequestMetrics metrics_{{"/v*/contacts", "/files/{name}"}, {"GET"}, 1};
  ServiceLevels levels_{Objectives(), 999'000, metrics_.Read(), clock_};
};

TEST_F(ServiceLevelsTest, WithoutRequestsNothingIsMetOrMissed) {
  Pass();
  const ServiceLevel level = Level();
  EXPECT_EQ(level.requests, 0u);
  EXPECT_FALSE(level.availability || level.p95 || level.p99 || level.met);
  EXPECT_EQ(level.burn_rate, 0);
  EXPECT_EQ(level.budget_remaining, 1);
}

TEST_F(ServiceLevelsTest, RefusalsAreNoFailuresAndErrorsAre) {
  Ask(200, 1ms, 990);
  for (const int status : {304, 400, 401, 403, 404, 416, 429, 431}) Ask(status, 1ms);
  Ask(500, 1ms);
  Ask(503, 1ms);
  Pass();
  const ServiceLevel level = Level();
  EXPECT_EQ(level.requests, 1000u);
  EXPECT_EQ(level.errors, 2u);
  EXPECT_DOUBLE_EQ(*level.availability, 0.998);
  EXPECT_DOUBLE_EQ(level.burn_rate, 2);
  EXPECT_DOUBLE_EQ(level.budget_remaining, -1);
  EXPECT_EQ(level.met, false);
}

TEST_F(ServiceLevelsTest, AsManyErrorsAsAreAllowedMeetTheTargetAndOneMoreMissesIt) {
  const struct {
    std::uint32_t target_ppm;
    int good, errors;
    bool met;
  } cases[] = {{999'000, 999, 1, true},    {999'000, 998, 2, false}, {999'900, 9'999, 1, true},
               {999'900, 9'998, 1, false}, {900'000, 9, 1, true},    {900'000, 8, 1, false}};
  for (const auto& [target_ppm, good, errors, met] : cases) {
    levels_.SetAvailabilityTarget(target_ppm);
    Ask(200, 1ms, good);
    Ask(500, 1ms, errors);
    Pass();
    EXPECT_EQ(Level().met, met) << good << " and " << errors << " at " << target_ppm;
    Pass(10min);  // the window is empty again
    Pass(10min);
    ASSERT_EQ(Level().requests, 0u);
  }
}

TEST_F(ServiceLevelsTest, ALatencyTargetIsMetUpToItsShareOfRequests) {
  const struct {
    int fast, slower, slow;  // within 300 ms, within 600 ms, beyond
    bool met;
  } cases[] = {{95, 5, 0, true}, {94, 6, 0, false}, {96, 3, 1, true}, {96, 2, 2, false}, {1, 0, 0, true}};
  for (const auto& [fast, slower, slow, met] : cases) {
    Ask(200, 300ms, fast);
    Ask(200, 600ms, slower);
    Ask(200, 601ms, slow);
    Pass();
    EXPECT_EQ(Level().met, met) << fast << " " << slower << " " << slow;
    Pass(10min);
    Pass(10min);
    ASSERT_EQ(Level().requests, 0u);
  }
}

TEST_F(ServiceLevelsTest, AnEndpointWithoutLatencyTargetsMayTakeItsTime) {
  Ask(200, 20s, 10, kBlobs);
  Pass();
  EXPECT_EQ(Level(0, kBlobs).met, true);
  EXPECT_EQ(Level().requests, 0u) << "endpoints are apart";
}

TEST_F(ServiceLevelsTest, AnotherTargetHoldsForWhatHasBeen) {
  Ask(200, 1ms, 999);
  Ask(500, 1ms);
  Pass();
  EXPECT_DOUBLE_EQ(Level().burn_rate, 1);
  levels_.SetAvailabilityTarget(990'000);
  EXPECT_DOUBLE_EQ(Level().burn_rate, 0.1);
  EXPECT_EQ(levels_.Report().availability_target_ppm, 990'000u);
}

TEST_F(ServiceLevelsTest, WhatHappenedLeavesTheShortWindowsFirst) {
  Ask(500, 1ms);
  Pass();
  const auto seen = [this] {
    std::vector<std::uint64_t> requests;
    for (std::size_t window = 0; window < kWindows.size(); ++window) requests.push_back(Level(window).requests);
    return requests;
  };
  const auto wait = [this](std::chrono::seconds time) {
    for (std::chrono::seconds passed{0}; passed < time; passed += 1s) Pass();
  };
  using Counts = std::vector<std::uint64_t>;
  EXPECT_EQ(seen(), (Counts{1, 1, 1, 1}));
  wait(4min);
  EXPECT_EQ(seen(), (Counts{1, 1, 1, 1}));
  wait(2min);
  EXPECT_EQ(seen(), (Counts{0, 1, 1, 1}));
  wait(1h);
  EXPECT_EQ(seen(), (Counts{0, 0, 1, 1}));
  wait(6h);
  EXPECT_EQ(seen(), (Counts{0, 0, 0, 1}));
  wait(72h);
  EXPECT_EQ(seen(), (Counts{0, 0, 0, 0}));
}

TEST_F(ServiceLevelsTest, AWindowStartsNoEarlierThanTheProcess) {
  const base::WallTime start = clock_.Wall();
  for (int minute = 0; minute < 90; ++minute) Pass(1min);
  const ServiceLevelReport report = levels_.Report();
  EXPECT_EQ(report.since, start);
  EXPECT_EQ(report.starts[0], start + 85min);
  EXPECT_EQ(report.starts[1], start + 30min);
  EXPECT_EQ(report.starts[2], start);
  EXPECT_EQ(report.starts[3], start);
}

/// All that has been asked, to be counted one by one.
struct Asked {
  base::WallTime at;
  int status;
  std::chrono::milliseconds duration;
};

// A request of four days in a few thousand takes part in each window, each with its steps: what the levels say must be
// what counting finds between a window's start and now.
TEST_F(ServiceLevelsTest, AgreesWithCountingOneByOne) {
  std::mt19937 random(7);
  std::vector<Asked> all;
  std::uniform_int_distribution<int> pause_s(1, 200), burst(0, 6), of_hundred(0, 99);
  std::exponential_distribution<double> duration_s(8);
  for (std::chrono::seconds passed{0}; passed < 4 * 24h;) {
    const std::chrono::seconds pause{pause_s(random)};
    for (int i = burst(random); i > 0; --i) {
      const int status = of_hundred(random) < 3 ? 500 : of_hundred(random) < 10 ? 429 : 200;
      const auto took = std::chrono::milliseconds(static_cast<int>(duration_s(random) * 1000));
      Ask(status, took);
      all.push_back({clock_.Wall() + pause, status, took});
    }
    Pass(pause);
    passed += pause;
    if (of_hundred(random) >= 10) continue;
    const ServiceLevelReport report = levels_.Report();
    for (std::size_t window = 0; window < kWindows.size(); ++window) {
      const ServiceLevel& level = report.endpoints[kContacts].windows[window];
      const auto reach = clock_.Wall() - report.starts[window];
      ASSERT_LE(reach, std::max<std::chrono::milliseconds>(kWindows[window].step, 200s) + kWindows[window].length);
      std::uint64_t requests = 0, errors = 0, within_p95 = 0, within_p99 = 0;
      for (const Asked& asked : all) {
        if (asked.at <= report.starts[window]) continue;
        ++requests;
        errors += asked.status >= 500 ? 1 : 0;
        within_p95 += asked.duration <= 300ms ? 1 : 0;
        within_p99 += asked.duration <= 600ms ? 1 : 0;
      }
      ASSERT_EQ(level.requests, requests) << kWindows[window].name;
      ASSERT_EQ(level.errors, errors) << kWindows[window].name;
      if (requests == 0) continue;
      ASSERT_DOUBLE_EQ(*level.availability, 1 - static_cast<double>(errors) / static_cast<double>(requests));
      ASSERT_EQ(*level.p95 <= 300ms, within_p95 * 100 >= requests * 95) << kWindows[window].name;
      ASSERT_EQ(*level.p99 <= 600ms, within_p99 * 100 >= requests * 99) << kWindows[window].name;
    }
  }
  EXPECT_GT(all.size(), 5'000u);
}

}  // namespace
}  // namespace portal::metrics
