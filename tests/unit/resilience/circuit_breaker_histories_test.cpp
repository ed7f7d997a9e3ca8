// What a circuit breaker must keep to in any history, and under threads.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <memory>
#include <random>
#include <thread>
#include <utility>
#include <vector>

#include "resilience/circuit_breaker.h"
#include "support/manual_clock.h"

namespace portal::resilience {
namespace {

using namespace std::chrono_literals;
using State = BreakerState;

/// The same breaker, written to be read: it keeps every outcome since it was last closed.
struct Model {
  State state = State::kClosed;
  std::vector<bool> failed;
  base::MonotonicTime retry;
  int probes_that_worked = 0;
  int era = 0;

  void MoveTo(State to) {
    state = to;
    ++era;
    probes_that_worked = 0;
    if (to == State::kClosed) failed.clear();
  }
  void Look(base::MonotonicTime now) {
    if (state == State::kOpen && now >= retry) MoveTo(State::kHalfOpen);
  }
  void Count(bool failure, int call_era, base::MonotonicTime now) {
    if (call_era != era) return;
    bool opens = failure;
    if (state == State::kClosed) {
      failed.push_back(failure);
      const auto from = failed.size() > 20 ? failed.end() - 20 : failed.begin();
      const auto calls = failed.end() - from;
      opens = calls >= 10 && 2 * std::count(from, failed.end(), true) >= calls;
    } else if (!failure && ++probes_that_worked == 3) {
      MoveTo(State::kClosed);
    }
    if (!opens) return;
    retry = now + 30s;
    MoveTo(State::kOpen);
  }
};

struct Inside {
  CircuitBreaker::Call call;
  int era;
  bool is_probe;
};

// Calls that overlap, end in any order and succeed, fail or say nothing, while time goes on.
TEST(CircuitBreakerHistories, AreThoseOfTheModel) {
  testing::ManualClock clock;
  std::vector<BreakerTransition> heard;
  CircuitBreaker breaker("database", {}, clock, [&](const BreakerTransition& it) { heard.push_back(it); });
  Model model;
  constexpr unsigned kSeed = 20260901;
  std::mt19937 random(kSeed);
  std::vector<std::unique_ptr<Inside>> inside;
  int probes = 0;
  int refused = 0;
  const auto enter = [&](int step) {
    auto call = breaker.Enter();
    const bool is_probe = model.state == State::kHalfOpen;
    ASSERT_EQ(call.has_value(), model.state == State::kClosed || (is_probe && probes < 3)) << step;
    refused += call ? 0 : 1;
    if (!call) return;
    probes += is_probe ? 1 : 0;
    inside.push_back(std::make_unique<Inside>(Inside{*std::move(call), model.era, is_probe}));
  };
  const auto leave = [&] {
    const auto at = inside.begin() + static_cast<std::ptrdiff_t>(random() % inside.size());
    Inside& it = **at;
    const auto end = random() % 10;
    if (end < 6) {
      it.call.Succeed();
      model.Count(false, it.era, clock.Monotonic());
    } else if (end < 9) {
      it.call.Fail("disk I/O error");
      model.Count(true, it.era, clock.Monotonic());
    }
    probes -= it.is_probe ? 1 : 0;
    inside.erase(at);
  };
  for (int step = 0; step < 200'000; ++step) {
    const auto what = random() % 8;
    if (what == 0) clock.Advance(std::chrono::milliseconds(random() % 4'000));
    model.Look(clock.Monotonic());
    if (what >= 1 && what <= 4 && inside.size() < 8) enter(step);
    if (what >= 5 && !inside.empty()) leave();
    ASSERT_EQ(breaker.State(), model.state) << step;
  }
  RecordProperty("seed", static_cast<int>(kSeed));
  RecordProperty("transitions", model.era);
  EXPECT_GT(refused, 1'000);
  EXPECT_EQ(static_cast<int>(heard.size()), model.era);
  EXPECT_GT(model.era, 1'000);
  for (std::size_t i = 1; i < heard.size(); ++i) ASSERT_EQ(heard[i].from, heard[i - 1].to) << "none is lost";
}

// Many threads on real time: never more probes at once than allowed, and every transition is heard once, in order.
TEST(CircuitBreakerThreads, NeverLetMoreThanThreeProbesIn) {
  constexpr BreakerSettings kQuick{.open_for = 1ms};
  const base::SystemClock clock;
  std::vector<BreakerTransition> heard;  // the breaker's lock guards it
  CircuitBreaker breaker("database", kQuick, clock, [&](const BreakerTransition& it) { heard.push_back(it); });
  std::atomic<bool> broken{true};
  std::atomic<int> probing{0};
  std::atomic<int> most{0};
  std::atomic<std::int64_t> passed{0};
  // While the dependency is broken nothing but probes passes once the breaker has opened.
  while (breaker.State() == State::kClosed) breaker.Enter()->Fail("disk I/O error");
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      while (broken) {
        auto call = breaker.Enter();
        if (!call) continue;
        const int now = ++probing;
        for (int seen = most; now > seen && !most.compare_exchange_weak(seen, now);) continue;
        std::this_thread::yield();
        --probing;
        ++passed;
        call->Fail("disk I/O error");
      }
    });
  }
  const auto until = std::chrono::steady_clock::now() + 60s;
  while (passed < 100 && std::chrono::steady_clock::now() < until) std::this_thread::yield();
  broken = false;
  for (std::thread& thread : threads) thread.join();
  EXPECT_GE(passed, 100);
  EXPECT_LE(most, 3);
  for (std::size_t i = 1; i < heard.size(); ++i) ASSERT_EQ(heard[i].from, heard[i - 1].to);
}

TEST(CircuitBreakerThreads, CountsEveryFailureOfACalmBreaker) {
  const testing::ManualClock clock;
  for (int round = 0; round < 200; ++round) {
    CircuitBreaker breaker("database", {}, clock);
    for (int i = 0; i < 20; ++i) breaker.Enter()->Succeed();
    std::vector<std::thread> threads;
    for (int i = 0; i < 2; ++i) {
      threads.emplace_back([&] {
        for (int calls = 0; calls < 10; ++calls) {
          if (auto call = breaker.Enter()) call->Fail("disk I/O error");
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    ASSERT_EQ(breaker.State(), State::kOpen);
  }
}

}  // namespace
}  // namespace portal::resilience
