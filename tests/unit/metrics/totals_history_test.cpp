#include "metrics/totals_history.h"

#include <gtest/gtest.h>

#include <random>

namespace portal::metrics {
namespace {

using namespace std::chrono_literals;

TotalsHistory::Entry At(std::chrono::milliseconds since_start, std::uint64_t requests) {
  return {base::MonotonicTime{since_start}, base::WallTime{since_start}, {{requests, 0, {}}}};
}

TEST(TotalsHistory, StartsAtTheFirstEntryUntilTheWindowIsFull) {
  TotalsHistory history(60s, 10s, At(0s, 0));
  for (int second = 1; second < 60; ++second) {
    history.Note(At(std::chrono::seconds(second), 1));
    EXPECT_EQ(history.start().at, base::MonotonicTime{0s}) << second;
    EXPECT_EQ(history.now().at, base::MonotonicTime{std::chrono::seconds(second)});
  }
}

TEST(TotalsHistory, ReachesBackByTheWindowAndAtMostAStep) {
  std::mt19937 random(1);
  std::uniform_int_distribution<int> pause_ms(1, 3'000);
  TotalsHistory history(60s, 10s, At(0s, 0));
  std::chrono::milliseconds now{0};
  for (int i = 0; i < 10'000; ++i) {
    now += std::chrono::milliseconds(pause_ms(random));
    history.Note(At(now, static_cast<std::uint64_t>(i)));
    const auto reach = history.now().at - history.start().at;
    if (now <= 60s) continue;
    ASSERT_GE(reach, 60s) << now.count();
    ASSERT_LE(reach, 70s) << now.count();
  }
}

TEST(TotalsHistory, AfterAPauseHasWhatWasNotedLastBeforeIt) {
  TotalsHistory history(60s, 10s, At(0s, 0));
  for (int second = 1; second <= 3; ++second) history.Note(At(std::chrono::seconds(second), 7));
  history.Note(At(1h, 8));
  EXPECT_EQ(history.start().at, base::MonotonicTime{3s});
  EXPECT_EQ(history.now().totals[0].requests - history.start().totals[0].requests, 1u);
  history.Note(At(1h + 60s, 8));
  EXPECT_EQ(history.start().at, base::MonotonicTime{1h});
}

}  // namespace
}  // namespace portal::metrics
