#include "resilience/circuit_breaker.h"

#include <gtest/gtest.h>

#include <chrono>
#include <deque>
#include <string>
#include <vector>

#include "base/movable_clock.h"
#include "support/manual_clock.h"

namespace portal::resilience {
namespace {

using namespace std::chrono_literals;
using State = BreakerState;
using testing::ManualClock;

/// A breaker, the time, and what a listener has heard.
class CircuitBreakerTest : public ::testing::Test {
 protected:
  explicit CircuitBreakerTest(BreakerSettings settings = {}) : settings_(settings) {}

  void Succeed(int times = 1) {
    for (; times > 0; --times) MustEnter().Succeed();
  }
  void Fail(int times = 1) {
    for (; times > 0; --times) MustEnter().Fail("disk I/O error");
  }
  CircuitBreaker::Call MustEnter() {
    auto call = breaker_.Enter();
    EXPECT_TRUE(call) << "refused";
    return call ? *std::move(call) : CircuitBreaker::Call();
  }
  std::chrono::seconds Refused() {
    const auto call = breaker_.Enter();
    EXPECT_FALSE(call);
    EXPECT_FALSE(breaker_.Check());
    if (call) return 0s;
    EXPECT_EQ(call.error().code, base::ErrorCode::kCircuitOpen);
    return call.error().retry_after;
  }
  /// "CLOSED>OPEN OPEN>HALF_OPEN"
  std::string Heard() const {
    std::string text;
    for (const BreakerTransition& it : heard_) {
      text += (text.empty() ? "" : " ") + std::string(ToText(it.from)) + '>' + std::string(ToText(it.to));
    }
    return text;
  }

  const BreakerSettings settings_;
  ManualClock clock_;
  std::vector<BreakerTransition> heard_;
  CircuitBreaker breaker_{"database", settings_, clock_, [this](const BreakerTransition& it) { heard_.push_back(it); }};
};

TEST_F(CircuitBreakerTest, OpensAtTheShareOfFailuresAndNotBefore) {
  // Each letter is a call: s a success, f a failure. Whether it is open after the last one, and not one before.
  const struct {
    std::string calls;
    bool opens;
  } cases[] = {
      {"fffffffff", false},                 // nine calls say too little
      {"ffffffffff", true},                 // ten of ten
      {"sssssfffff", true},                 // half of ten
      {"ssssssffff", false},                // 40 % of ten
      {"fffffffffs", true},                 // the tenth call may be a success
      {"ssssssssssssfffffffff", false},     // nine of the last twenty
      {"ssssssssssssffffffffff", true},     // ten of the last twenty: the oldest two have left
      {"ffffssssssssssssssssssss", false},  // failures leave the window
  };
  for (const auto& c : cases) {
    CircuitBreaker breaker("database", settings_, clock_);
    for (std::size_t i = 0; i < c.calls.size(); ++i) {
      ASSERT_EQ(breaker.State(), State::kClosed) << c.calls << " at " << i;
      auto call = breaker.Enter();
      ASSERT_TRUE(call);
      if (c.calls[i] == 's') {
        call->Succeed();
      } else {
        call->Fail("disk I/O error");
      }
    }
    EXPECT_EQ(breaker.State(), c.opens ? State::kOpen : State::kClosed) << c.calls;
  }
}

TEST_F(CircuitBreakerTest, GoesRoundFromClosedToClosed) {
  Succeed(20);
  const base::WallTime failed_at = clock_.Wall();
  Fail(10);
  EXPECT_EQ(Refused(), 30s);
  BreakerView view = breaker_.View();
  EXPECT_EQ(view.state, State::kOpen);
  EXPECT_DOUBLE_EQ(view.failure_rate, 0.5);
  EXPECT_EQ(view.opened_at, failed_at);
  EXPECT_EQ(view.retry_at, failed_at + 30s);
  EXPECT_EQ(view.last_failure, "disk I/O error");

  clock_.Advance(28'500ms);
  EXPECT_EQ(Refused(), 2s) << "rounded up";
  clock_.Advance(1'499ms);
  EXPECT_EQ(Refused(), 1s);
  clock_.Advance(1ms);
  EXPECT_EQ(breaker_.State(), State::kHalfOpen) << "without traffic";

  Succeed(2);
  EXPECT_EQ(breaker_.State(), State::kHalfOpen);
  Succeed();
  view = breaker_.View();
  EXPECT_EQ(view.state, State::kClosed);
  EXPECT_EQ(view.failure_rate, 0) << "begins anew";
  EXPECT_EQ(view.opened_at, std::nullopt);
  EXPECT_EQ(Heard(), "CLOSED>OPEN OPEN>HALF_OPEN HALF_OPEN>CLOSED");
  EXPECT_EQ(heard_[0].reason, "10 of the last 20 calls failed: disk I/O error");
  EXPECT_EQ(heard_[1].reason, "open for 30s");
  EXPECT_EQ(heard_[2].reason, "3 probes succeeded");
}

TEST_F(CircuitBreakerTest, AFailedProbeOpensItForTheWholeTimeAgain) {
  Fail(10);
  clock_.Advance(30s);
  Succeed(2);
  Fail();
  EXPECT_EQ(Refused(), 30s);
  clock_.Advance(30s);
  Succeed(2);
  EXPECT_EQ(breaker_.State(), State::kHalfOpen) << "successes of the round before do not count";
  EXPECT_EQ(heard_[2].reason, "a probe failed: disk I/O error");
}

TEST_F(CircuitBreakerTest, SaysWhenItBecameHalfOpenAndNotWhenSomebodyLooked) {
  Fail(10);
  const base::WallTime opened_at = clock_.Wall();
  clock_.Advance(10min);
  EXPECT_EQ(breaker_.View().since, opened_at + 30s);
  ASSERT_EQ(heard_.size(), 2u);
  EXPECT_EQ(heard_[1].at, opened_at + 30s);
  EXPECT_EQ(breaker_.View().state, State::kHalfOpen);
  EXPECT_EQ(heard_.size(), 2u) << "once";
}

TEST_F(CircuitBreakerTest, LetsThreeProbesInAtOnceAndWhoLeavesMakesRoom) {
  Fail(10);
  clock_.Advance(30s);
  std::deque<CircuitBreaker::Call> inside;
  for (int i = 0; i < 3; ++i) inside.push_back(MustEnter());
  EXPECT_EQ(Refused(), 1s);
  inside.front().Drop();  // says nothing of the dependency
  inside.push_back(MustEnter());
  EXPECT_EQ(Refused(), 1s);
  inside.pop_front();  // did already
  EXPECT_EQ(Refused(), 1s);
  inside.pop_front();  // without a word
  MustEnter().Succeed();
  EXPECT_EQ(breaker_.State(), State::kHalfOpen);
}

TEST_F(CircuitBreakerTest, AProbeThatHangsKeepsItsPlaceInTheNextRound) {
  Fail(10);
  clock_.Advance(30s);
  CircuitBreaker::Call hangs = MustEnter();
  Fail();
  clock_.Advance(30s);
  CircuitBreaker::Call second = MustEnter();
  CircuitBreaker::Call third = MustEnter();
  EXPECT_EQ(Refused(), 1s);
  hangs.Fail("disk I/O error");
  EXPECT_EQ(breaker_.State(), State::kHalfOpen) << "its failure was the last round's";
  MustEnter().Succeed();
}

TEST_F(CircuitBreakerTest, CallsCountForTheStateInWhichTheyBegan) {
  CircuitBreaker::Call early = MustEnter();
  CircuitBreaker::Call late = MustEnter();
  Fail(10);
  clock_.Advance(30s);
  early.Fail("disk I/O error");
  EXPECT_EQ(breaker_.State(), State::kHalfOpen);
  Succeed(2);
  late.Succeed();
  EXPECT_EQ(breaker_.State(), State::kHalfOpen) << "was no probe";
}

TEST_F(CircuitBreakerTest, TheFirstWordOfACallCounts) {
  for (int i = 0; i < 10; ++i) {
    CircuitBreaker::Call call = MustEnter();
    call.Succeed();
    call.Fail("disk I/O error");
    CircuitBreaker::Call moved = std::move(call);
    moved.Fail("disk I/O error");
  }
  EXPECT_EQ(breaker_.View().failure_rate, 0);
}

TEST_F(CircuitBreakerTest, CallsWithoutAWordLeaveTheWindowAlone) {
  Fail(9);
  for (int i = 0; i < 100; ++i) MustEnter().Drop();
  EXPECT_EQ(breaker_.State(), State::kClosed);
  Fail();
  EXPECT_EQ(breaker_.State(), State::kOpen);
}

TEST_F(CircuitBreakerTest, SlowCallsAreNoFailures) {
  for (int i = 0; i < 30; ++i) {
    CircuitBreaker::Call call = MustEnter();
    clock_.Advance(1h);
    call.Succeed();
  }
  EXPECT_EQ(breaker_.State(), State::kClosed);
}

class CircuitBreakerWithLimitTest : public CircuitBreakerTest {
 protected:
  CircuitBreakerWithLimitTest() : CircuitBreakerTest({.slow_call = 500ms}) {}
};

TEST_F(CircuitBreakerWithLimitTest, SlowCallsAreFailures) {
  const auto take = [&](std::chrono::milliseconds time) {
    CircuitBreaker::Call call = MustEnter();
    clock_.Advance(time);
    call.Succeed();
  };
  for (int i = 0; i < 30; ++i) take(499ms);
  for (int i = 0; i < 10; ++i) take(500ms);
  EXPECT_EQ(breaker_.State(), State::kOpen);
  EXPECT_EQ(heard_[0].reason, "10 of the last 20 calls failed: a call took 500 ms");
  clock_.Advance(30s);
  take(800ms);
  EXPECT_EQ(breaker_.State(), State::kOpen) << "probes, too";
}

TEST_F(CircuitBreakerTest, WallClocksMayJump) {
  Fail(10);
  clock_.SetWall(clock_.Wall() + std::chrono::hours{24 * 3650});
  EXPECT_EQ(Refused(), 30s);
  clock_.SetWall(clock_.Wall() - std::chrono::hours{24 * 3651});
  clock_.Advance(29s);
  EXPECT_EQ(Refused(), 1s);
  clock_.Advance(1s);
  Succeed(3);
  EXPECT_EQ(breaker_.State(), State::kClosed);
}

TEST_F(CircuitBreakerTest, TellsItsTimesByTheWallAsItGoesNow) {
  Fail(10);
  clock_.Advance(10s);
  for (const std::chrono::hours jump : {24h, -72h, 24h * 3650}) {
    clock_.SetWall(clock_.Wall() + jump);
    const BreakerView view = breaker_.View();
    EXPECT_EQ(view.since, clock_.Wall() - 10s);
    EXPECT_EQ(view.opened_at, clock_.Wall() - 10s);
    EXPECT_EQ(view.retry_at, clock_.Wall() + 20s);
  }
  clock_.Advance(25s);
  EXPECT_EQ(breaker_.View().since, clock_.Wall() - 5s) << "half-open";
}

TEST_F(CircuitBreakerTest, TellsTheSameTimesWheneverItIsAsked) {
  Fail(10);
  const base::WallTime opened_at = clock_.Wall();
  clock_.SetWall(opened_at + 1ms);
  EXPECT_EQ(breaker_.View().opened_at, opened_at) << "clocks that are read one after the other";
}

TEST(CircuitBreakerOnAClockThatIsMoved, CountsNoCallAsSlowThatWasOnlyMovedAlong) {
  base::MovableClock clock(std::nullopt);
  CircuitBreaker breaker("database", {.slow_call = 60s}, clock);
  for (int i = 0; i < 20; ++i) {
    auto call = breaker.Enter();
    ASSERT_TRUE(call);
    clock.Advance(1h);
    call->Succeed();
  }
  EXPECT_EQ(breaker.State(), State::kClosed);
}

TEST(CircuitBreakerOnAClockThatIsMoved, IsHalfOpenOnceItsTimeWasMovedAway) {
  base::MovableClock clock(std::nullopt);
  CircuitBreaker breaker("database", {.open_for = 1h}, clock);
  for (int i = 0; i < 10; ++i) breaker.Enter()->Fail("disk I/O error");
  ASSERT_EQ(breaker.State(), State::kOpen);
  clock.Advance(1h);
  EXPECT_EQ(breaker.State(), State::kHalfOpen);
}

TEST_F(CircuitBreakerTest, ForcedOpenItRefusesUntilTheOperatorLiftsIt) {
  breaker_.Force(Forced::kOpen);
  breaker_.Force(Forced::kOpen);
  EXPECT_EQ(heard_.size(), 1u) << "once";
  EXPECT_EQ(heard_[0].reason, "forced open by an operator");
  clock_.Advance(1h);
  EXPECT_EQ(Refused(), 30s);
  BreakerView view = breaker_.View();
  EXPECT_EQ(view.state, State::kOpen);
  EXPECT_EQ(view.forced, Forced::kOpen);
  EXPECT_EQ(view.retry_at, clock_.Wall() + 30s);
  breaker_.Force(Forced::kNo);
  Succeed(3);
  EXPECT_EQ(Heard(), "CLOSED>OPEN OPEN>HALF_OPEN HALF_OPEN>CLOSED");
}

TEST_F(CircuitBreakerTest, ForcedClosedItLetsFailuresPassUntilTheOperatorLiftsIt) {
  Fail(10);
  breaker_.Force(Forced::kClosed);
  Fail(100);
  EXPECT_EQ(breaker_.State(), State::kClosed);
  EXPECT_EQ(breaker_.View().failure_rate, 1) << "watched all the same";
  breaker_.Force(Forced::kNo);
  Fail(9);
  EXPECT_EQ(breaker_.State(), State::kClosed) << "begins anew";
  Fail();
  EXPECT_EQ(breaker_.State(), State::kOpen);
  breaker_.Force(Forced::kOpen);
  clock_.Advance(31s);
  EXPECT_EQ(breaker_.State(), State::kOpen);
  breaker_.Force(Forced::kClosed);
  Succeed();
  EXPECT_EQ(Heard(), "CLOSED>OPEN OPEN>CLOSED CLOSED>OPEN OPEN>CLOSED");
}

TEST_F(CircuitBreakerTest, KeepsTheLastTwentyTransitions) {
  for (int round = 0; round < 15; ++round) {
    breaker_.Force(Forced::kOpen);
    breaker_.Force(Forced::kClosed);
  }
  EXPECT_EQ(heard_.size(), 30u);
  const auto kept = breaker_.View().transitions;
  ASSERT_EQ(kept.size(), 20u);
  EXPECT_EQ(kept.back().to, State::kClosed);
}

TEST_F(CircuitBreakerTest, IsAsNewAfterAReset) {
  Fail(10);
  breaker_.Force(Forced::kOpen);
  Refused();
  breaker_.Reset();
  const BreakerView view = breaker_.View();
  EXPECT_EQ(view.state, State::kClosed);
  EXPECT_EQ(view.forced, Forced::kNo);
  EXPECT_EQ(view.failure_rate, 0);
  EXPECT_EQ(view.last_failure_at, std::nullopt);
  EXPECT_TRUE(view.transitions.empty());
  Fail(9);  // one fewer than it takes
  EXPECT_EQ(breaker_.State(), State::kClosed);
}

TEST_F(CircuitBreakerTest, CountsNoCallThatBeganBeforeAReset) {
  std::deque<CircuitBreaker::Call> inside;
  for (int i = 0; i < 20; ++i) inside.push_back(MustEnter());
  breaker_.Reset();
  for (CircuitBreaker::Call& call : inside) call.Fail("disk I/O error");
  EXPECT_EQ(breaker_.State(), State::kClosed);
}

}  // namespace
}  // namespace portal::resilience
