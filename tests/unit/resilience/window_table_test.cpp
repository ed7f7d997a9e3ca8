#include "resilience/window_table.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <deque>
#include <map>
#include <mutex>
#include <random>
#include <thread>
#include <vector>

#include "support/manual_clock.h"

namespace portal::resilience {
namespace {

using std::chrono::microseconds;
using std::chrono::seconds;
using testing::ManualClock;

constexpr microseconds kWindow = seconds{60};

WindowKey Key(std::uint64_t id, std::uint8_t policy = 0) { return {{id, 0}, policy}; }

/// How many requests are counted under a key.
std::uint32_t Used(const WindowTable& table, const WindowKey& key) {
  std::uint32_t used = 0;
  table.ForEach([&](const WindowState& state) {
    if (state.key == key) used = state.used;
  });
  return used;
}

TEST(WindowTable, LetsThroughWhatTheLimitAllowsAndSaysWhenTheNextOneMayCome) {
  ManualClock clock;
  WindowTable table(clock, kWindow, 100);
  const base::MonotonicTime start = clock.Monotonic();
  for (std::uint32_t n = 0; n < 3; ++n) {
    const Decision decision = table.Take(Key(1), 3);
    EXPECT_TRUE(decision.allowed);
    EXPECT_EQ(decision.limit, 3u);
    EXPECT_EQ(decision.remaining, 2 - n);
    EXPECT_EQ(decision.resets_at, start + kWindow);
    clock.Advance(seconds{10});
  }
  const Decision refused = table.Take(Key(1), 3);
  EXPECT_FALSE(refused.allowed);
  EXPECT_EQ(refused.remaining, 0u);
  EXPECT_EQ(refused.resets_at, start + kWindow);

  clock.Advance(seconds{30} - microseconds{1});
  EXPECT_FALSE(table.Take(Key(1), 3).allowed) << "a microsecond too early";
  clock.Advance(microseconds{1});
  EXPECT_TRUE(table.Take(Key(1), 3).allowed) << "the window is half-open";
  EXPECT_FALSE(table.Take(Key(1), 3).allowed) << "and only one has left it";
}

TEST(WindowTable, DoesNotCountWhatItRefuses) {
  ManualClock clock;
  WindowTable table(clock, kWindow, 100);
  ASSERT_TRUE(table.Take(Key(1), 1).allowed);
  for (int n = 0; n < 59; ++n) {
    clock.Advance(seconds{1});
    ASSERT_FALSE(table.Take(Key(1), 1).allowed);
  }
  clock.Advance(seconds{1});
  EXPECT_TRUE(table.Take(Key(1), 1).allowed) << "a client that kept asking waits no longer than one that did not";
}

TEST(WindowTable, KeepsKeysAndPoliciesApart) {
  ManualClock clock;
  WindowTable table(clock, kWindow, 100);
  EXPECT_TRUE(table.Take(Key(1, 0), 1).allowed);
  EXPECT_TRUE(table.Take(Key(1, 1), 1).allowed);
  EXPECT_TRUE(table.Take(Key(2, 0), 1).allowed);
  EXPECT_TRUE(table.Take({{1, 1}, 0}, 1).allowed);
  EXPECT_FALSE(table.Take(Key(1, 0), 1).allowed);
}

TEST(WindowTable, AsksTheOtherWindowLastAndCountsNothingWhereThatRefuses) {
  ManualClock clock;
  WindowTable clients(clock, kWindow, 100);
  WindowTable tenants(clock, kWindow, 100);
  const auto take = [&](std::uint64_t client) {
    Decision tenant;
    const Decision own = clients.Take(Key(client), 2, [&](base::MonotonicTime) {
      tenant = tenants.Take(Key(9), 3);
      return tenant.allowed;
    });
    return own.allowed && tenant.allowed;
  };
  EXPECT_TRUE(take(1));
  EXPECT_TRUE(take(1));
  EXPECT_FALSE(take(1)) << "its own budget is used up";
  EXPECT_EQ(Used(tenants, Key(9)), 2u) << "and the tenant's was not asked";
  EXPECT_TRUE(take(2));
  EXPECT_FALSE(take(2)) << "the tenant's is used up";
  EXPECT_EQ(Used(clients, Key(2)), 1u) << "and the client's has not counted it";
}

TEST(WindowTable, FollowsALimitThatIsLowered) {
  ManualClock clock;
  WindowTable table(clock, kWindow, 100);
  const base::MonotonicTime start = clock.Monotonic();
  for (int n = 0; n < 10; ++n) {
    ASSERT_TRUE(table.Take(Key(1), 10).allowed);
    clock.Advance(seconds{1});
  }
  const Decision decision = table.Take(Key(1), 4);
  EXPECT_FALSE(decision.allowed);
  EXPECT_EQ(decision.resets_at, start + seconds{6} + kWindow) << "seven of the ten have to leave";
  clock.Advance(decision.resets_at - clock.Monotonic() < seconds{0}
                    ? microseconds{0}
                    : std::chrono::duration_cast<microseconds>(decision.resets_at - clock.Monotonic()));
  EXPECT_TRUE(table.Take(Key(1), 4).allowed);
}

TEST(WindowTable, NeverGivesUpALiveWindowAndSharesOneAmongThoseThatFindNoRoom) {
  ManualClock clock;
  WindowTable table(clock, kWindow, 10);
  for (std::uint64_t id = 0; id < 10; ++id) ASSERT_TRUE(table.Take(Key(id), 2).allowed);
  clock.Advance(seconds{1});
  EXPECT_TRUE(table.Take(Key(100), 2).allowed);
  EXPECT_TRUE(table.Take(Key(101), 2).allowed);
  EXPECT_FALSE(table.Take(Key(102), 2).allowed) << "all strangers have one window";
  EXPECT_TRUE(table.Take(Key(102, 1), 2).allowed) << "for each policy";
  EXPECT_EQ(table.size().shared, 4u);
  for (std::uint64_t id = 0; id < 10; ++id) {
    EXPECT_TRUE(table.Take(Key(id), 2).allowed) << "still there";
    EXPECT_FALSE(table.Take(Key(id), 2).allowed);
  }
  clock.Advance(kWindow);
  EXPECT_TRUE(table.Take(Key(102), 1).allowed) << "the dead ones have made room";
  EXPECT_TRUE(table.Take(Key(103), 1).allowed);
  EXPECT_EQ(table.size().shared, 4u);
}

TEST(WindowTable, ForgetsNothingOfWhoeverMovesFromTheSharedWindowToItsOwn) {
  ManualClock clock;
  WindowTable table(clock, kWindow, 1);
  ASSERT_TRUE(table.Take(Key(1), 2).allowed);
  clock.Advance(seconds{59});
  EXPECT_TRUE(table.Take(Key(2), 2).allowed);
  EXPECT_TRUE(table.Take(Key(2), 2).allowed);
  clock.Advance(seconds{1});  // the only window is free
  EXPECT_FALSE(table.Take(Key(2), 2).allowed);
  EXPECT_EQ(table.size().keys, 1u);
  clock.Advance(seconds{59});
  EXPECT_TRUE(table.Take(Key(2), 2).allowed);
}

TEST(WindowTable, TakesMemoryForThoseThatLiveOnly) {
  ManualClock clock;
  WindowTable table(clock, kWindow, 1'000'000);
  const std::size_t empty = table.size().bytes;
  for (std::uint64_t id = 0; id < 100'000; ++id) table.Take(Key(id), 60);
  EXPECT_EQ(table.size().keys, 100'000u);
  EXPECT_LE(table.size().bytes, empty + 100'000 * 64 * 4);
  clock.Advance(kWindow);
  for (std::uint64_t id = 0; id < 100'000; ++id) table.Take(Key(1'000'000 + id % 1'000), 60);
  for (std::uint64_t id = 0; id < 100'000; ++id) table.Take(Key(2'000'000 + id), 60);
  // 101,000 live; how many dead ones lie where the table has not filled up depends on its seed: some 3,500 to 10,500.
  EXPECT_LE(table.size().keys, 125'000u) << "the dead ones go as the table fills";
}

TEST(WindowTable, ShowsWhatIsCountedAndForgetsItWhenTold) {
  ManualClock clock;
  WindowTable table(clock, kWindow, 100);
  const base::MonotonicTime start = clock.Monotonic();
  for (int n = 0; n < 5; ++n) table.Take(Key(1, 3), 3);
  table.Take(Key(2, 1), 3);
  std::map<std::uint64_t, WindowState> found;
  table.ForEach([&](const WindowState& state) { found[state.key.id[0]] = state; });
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[1].key.policy, 3);
  EXPECT_EQ(found[1].used, 3u);
  EXPECT_EQ(found[1].refused, 2u);
  EXPECT_EQ(found[1].resets_at, start + kWindow);
  table.Reset(Key(1, 3));
  EXPECT_TRUE(table.Take(Key(1, 3), 1).allowed);
  table.ResetAll();
  EXPECT_TRUE(table.Take(Key(2, 1), 1).allowed);
  EXPECT_EQ(table.size().keys, 1u);
}

/// Against a log of every request that was let through: a million arrivals of fifty keys, from bursts within one
/// microsecond to silences of more than a window, at times that end exactly where windows do.
TEST(WindowTable, AgreesWithANaiveLogOverAMillionRandomArrivals) {
  constexpr std::uint64_t kSeed = 20'261'122;
  constexpr int kArrivals = 1'000'000;
  std::mt19937_64 random(kSeed);
  ManualClock clock;
  WindowTable table(clock, kWindow, 1'000);
  std::map<std::uint64_t, std::deque<base::MonotonicTime>> let_through;
  std::int64_t allowed = 0;
  for (int n = 0; n < kArrivals; ++n) {
    const std::uint64_t kind = random() % 10'000;
    if (kind < 2) {
      clock.Advance(microseconds(random() % (2 * kWindow.count())));
    } else if (kind < 7'000) {
      clock.Advance(microseconds(random() % 10'000));
    }
    const std::uint64_t id = random() % 50;
    std::deque<base::MonotonicTime>& log = let_through[id];
    if (kind >= 9'990 && !log.empty() && log.front() + kWindow > clock.Monotonic()) {
      clock.Advance(std::chrono::duration_cast<microseconds>(log.front() + kWindow - clock.Monotonic()));
    }
    const base::MonotonicTime now = clock.Monotonic();
    while (!log.empty() && now - log.front() >= kWindow) log.pop_front();
    const bool expected = log.size() < 60;
    const Decision decision = table.Take(Key(id), 60);
    ASSERT_EQ(decision.allowed, expected) << "arrival " << n << " of key " << id << ", seed " << kSeed;
    if (expected) log.push_back(now);
    allowed += expected;
    ASSERT_EQ(decision.remaining, 60 - log.size());
    ASSERT_EQ(decision.resets_at, log.front() + kWindow);
  }
  EXPECT_GT(allowed, kArrivals / 20) << "both answers must be common";
  EXPECT_LT(allowed, kArrivals * 19 / 20);
  RecordProperty("seed", std::to_string(kSeed));
  RecordProperty("allowed", std::to_string(allowed));
}

/// With the real clock and a window of 20 ms: whatever four threads were let through, no interval of that length holds
/// more than the limit.
TEST(WindowTable, LetsNoIntervalHoldMoreThanTheLimitUnderThreads) {
  constexpr auto kShort = std::chrono::milliseconds{20};
  constexpr std::uint32_t kLimit = 50;
  const base::SystemClock clock;
  WindowTable table(clock, kShort, 100);
  std::vector<std::vector<base::MonotonicTime>> of_thread(4);
  std::atomic<std::uint32_t> all_allowed = 0;
  std::vector<std::thread> threads;
  for (auto& times : of_thread) {
    threads.emplace_back([&] {
      while (all_allowed < kLimit * 20) {
        base::MonotonicTime decided{};
        const bool allowed = table
                                 .Take(Key(7), kLimit,
                                       [&](base::MonotonicTime at) {
                                         decided = at;
                                         return true;
                                       })
                                 .allowed;
        if (!allowed) continue;
        times.push_back(decided);
        ++all_allowed;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::vector<base::MonotonicTime> all;
  for (const auto& times : of_thread) all.insert(all.end(), times.begin(), times.end());
  std::ranges::sort(all);
  for (std::size_t n = kLimit; n < all.size(); ++n) ASSERT_GE(all[n] - all[n - kLimit], kShort) << n;
}

}  // namespace
}  // namespace portal::resilience
