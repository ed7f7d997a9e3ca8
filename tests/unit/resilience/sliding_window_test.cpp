#include "resilience/sliding_window.h"

#include <gtest/gtest.h>

#include <deque>
#include <random>
#include <utility>

namespace portal::resilience {
namespace {

TEST(SlidingWindow, LetsARequestGoWhenItsTimeIsOverAndNotBefore) {
  SlidingWindow window;
  window.Expire(1'000, 60);
  window.Add(1'000);
  window.Expire(1'059, 60);
  EXPECT_EQ(window.count(), 1u);
  window.Expire(1'060, 60);
  EXPECT_EQ(window.count(), 0u);
}

TEST(SlidingWindow, KeepsWhatItHoldsInOrderHoweverLargeItBecomes) {
  SlidingWindow window;
  for (std::int64_t n = 0; n < 1'000; ++n) {
    window.Expire(n * 7, 1'000'000);
    window.Add(n * 7);
  }
  ASSERT_EQ(window.count(), 1'000u);
  for (std::uint32_t n = 0; n < 1'000; ++n) ASSERT_EQ(window.At(n), n * 7);
  window.Expire(1'000'000 + 499 * 7, 1'000'000);
  ASSERT_EQ(window.count(), 500u);
  EXPECT_EQ(window.At(0), 500 * 7);
}

TEST(SlidingWindow, TakesAClockThatGoesBackForOneThatStands) {
  SlidingWindow window;
  window.Add(1'000'000);
  for (const std::int64_t now : {std::int64_t{999'999}, std::int64_t{0}, std::int64_t{-5'000'000'000}}) {
    window.Expire(now, 60);
    ASSERT_EQ(window.count(), 1u) << now;
  }
  window.Add(-1);
  EXPECT_EQ(window.At(1), 1'000'000);
  window.Expire(1'000'060, 60);
  EXPECT_EQ(window.count(), 0u);
}

TEST(SlidingWindow, MovesWithWhatItHolds) {
  for (const std::uint32_t requests : {0u, 3u, 4u, 5u, 100u}) {
    SlidingWindow window;
    for (std::uint32_t n = 0; n < requests; ++n) window.Add(n);
    SlidingWindow other;
    other.Add(9'999);
    other = std::move(window);
    ASSERT_EQ(other.count(), requests);
    for (std::uint32_t n = 0; n < requests; ++n) EXPECT_EQ(other.At(n), n);
    EXPECT_EQ(window.count(), 0u);  // NOLINT(bugprone-use-after-move): it is empty then
    window.Add(12'345);
    EXPECT_EQ(window.At(0), 12'345);
  }
}

TEST(SlidingWindow, GivesItsMemoryBackOnceItIsEmpty) {
  SlidingWindow window;
  for (std::int64_t n = 0; n < 5'000; ++n) window.Add(n);
  EXPECT_EQ(window.heap_bytes(), 8'192 * sizeof(std::uint32_t));
  window.Expire(20'000, 10'000);
  EXPECT_EQ(window.heap_bytes(), 0u);
  EXPECT_EQ(sizeof(SlidingWindow), 40u);
}

TEST(SlidingWindow, GivesMemoryBackAsRequestsLeaveAndKeepsThoseThatStay) {
  SlidingWindow window;
  for (std::int64_t n = 0; n < 1'000; ++n) window.Add(n);
  const struct {
    std::uint32_t left;
    std::size_t ticks;
  } cases[] = {{257, 1'024}, {256, 512}, {100, 256}, {5, 16}, {4, 8}, {3, 8}, {2, 0}};
  for (const auto& [left, ticks] : cases) {
    const std::int64_t first = 1'000 - left;
    window.Expire(first + 9'999, 10'000);
    ASSERT_EQ(window.count(), left);
    EXPECT_EQ(window.heap_bytes(), ticks * sizeof(std::uint32_t)) << left;
    for (std::uint32_t n = 0; n < left; ++n) ASSERT_EQ(window.At(n), first + n);
  }
}

/// Ticks are kept modulo 2^32: gaps around that, and windows as long as may be.
TEST(SlidingWindow, IsAsExactAsALogOfAllRequestsWhereTicksWrap) {
  std::mt19937_64 random(4);
  for (const std::int64_t length : {std::int64_t{1}, std::int64_t{60'000'000}, SlidingWindow::kMaxLength}) {
    SlidingWindow window;
    std::deque<std::int64_t> log;
    std::int64_t now = 0xffff'ff00;
    for (int round = 0; round < 20'000; ++round) {
      const std::int64_t gaps[] = {0, 1, length / 7, length - 1, length, length + 1, 0xffff'ffff, 0x1'0000'0000};
      now += gaps[random() % std::size(gaps)];
      window.Expire(now, length);
      while (!log.empty() && now - log.front() >= length) log.pop_front();
      ASSERT_EQ(window.count(), log.size()) << "length " << length << " now " << now;
      if (!log.empty()) {
        ASSERT_EQ(window.At(0), log.front());
        ASSERT_EQ(window.At(window.count() - 1), log.back());
      }
      if (log.size() < 50) {
        window.Add(now);
        log.push_back(now);
      }
    }
  }
}

}  // namespace
}  // namespace portal::resilience
