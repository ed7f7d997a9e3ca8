#include "resilience/guard.h"

#include <gtest/gtest.h>

#include <optional>

#include "support/manual_clock.h"

namespace portal::resilience {
namespace {

using base::ErrorCode;

base::Error Fault(ErrorCode code) { return {code, "The disk is broken", {}, {}, "disk I/O error"}; }

TEST(Guard, KnowsAFailureOfTheDependencyFromARefusal) {
  const struct {
    base::Error error;
    Verdict verdict;
  } cases[] = {
      {{ErrorCode::kNotFound, "Contact not found", {}, {}}, Verdict::kWorks},
      {{ErrorCode::kValidation, "name: is empty", {}, {}}, Verdict::kWorks},
      {{ErrorCode::kConflict, "taken", {}, {}}, Verdict::kWorks},
      {{ErrorCode::kStorageFull, "more than the tenant's quota", {}, {}}, Verdict::kWorks},
      {{ErrorCode::kUnavailable, "locked by another program", {}, {}}, Verdict::kUnknown},
      {{ErrorCode::kOverBudget, "The read took too long", {}, {}}, Verdict::kUnknown},
      {{ErrorCode::kCircuitOpen, "another circuit is open", {}, {}}, Verdict::kUnknown},
      {Fault(ErrorCode::kUnavailable), Verdict::kFails},
      {Fault(ErrorCode::kStorageFull), Verdict::kFull},
  };
  for (const auto& c : cases) EXPECT_EQ(VerdictOf(c.error), c.verdict) << c.error.detail;
}

TEST(Guard, RefusesWithoutTouchingTheDependency) {
  const testing::ManualClock clock;
  CircuitBreaker breaker("database", {}, clock);
  const Guard guard(breaker);
  int touched = 0;
  const auto work = [&]() -> base::Status {
    ++touched;
    return base::Fail(Fault(ErrorCode::kUnavailable));
  };
  for (int i = 0; i < 20; ++i) EXPECT_FALSE(guard.Run(work));
  EXPECT_EQ(touched, 10);
  EXPECT_EQ(guard.Run(work).error().code, ErrorCode::kCircuitOpen);
  EXPECT_EQ(guard.Watch(work).error().code, ErrorCode::kCircuitOpen);
  EXPECT_EQ(guard.Check().error().code, ErrorCode::kCircuitOpen);
  EXPECT_EQ(touched, 10);
}

TEST(Guard, CountsOnlyTheFailuresOfWorkThatIsWatched) {
  const testing::ManualClock clock;
  CircuitBreaker breaker("blobs", {}, clock);
  const Guard guard(breaker);
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(guard.Watch([]() -> base::Status { return {}; }));
  for (int i = 0; i < 10; ++i) {
    EXPECT_FALSE(guard.Watch([]() -> base::Status { return base::Fail(Fault(ErrorCode::kUnavailable)); }));
  }
  EXPECT_EQ(breaker.State(), BreakerState::kOpen);
}

/// A dependency that is used and changed.
class GuardOfChanges : public ::testing::Test {
 protected:
  static base::Status Use(const Guard& guard, std::optional<ErrorCode> fault = std::nullopt) {
    return guard.Run([&]() -> base::Status {
      if (fault) return base::Fail(Fault(*fault));
      return {};
    });
  }

  const testing::ManualClock clock_;
  CircuitBreaker breaker_{"database", {}, clock_};
  CircuitBreaker of_changes_{"database_writes", {}, clock_};
  const Guard use_{breaker_, of_changes_};
  const Guard change_ = use_.ForChanges();
};

TEST_F(GuardOfChanges, RefusesChangesAloneWhereThereIsNoSpace) {
  for (int i = 0; i < 10; ++i) EXPECT_FALSE(Use(change_, ErrorCode::kStorageFull));
  EXPECT_EQ(breaker_.View().last_failure, "");
  EXPECT_EQ(of_changes_.State(), BreakerState::kOpen);
  const base::Status refused = Use(change_);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kCircuitOpen);
  EXPECT_EQ(refused.error().detail,
            "The circuit to the portal's database writes is open. Please retry after 30 seconds");
  EXPECT_FALSE(change_.Check());
  EXPECT_TRUE(use_.Check());
  EXPECT_TRUE(Use(use_));
}

TEST_F(GuardOfChanges, RefusesEverythingWhereChangesFailForOtherReasons) {
  for (int i = 0; i < 10; ++i) EXPECT_FALSE(Use(change_, ErrorCode::kUnavailable));
  EXPECT_EQ(breaker_.State(), BreakerState::kOpen);
  EXPECT_EQ(of_changes_.State(), BreakerState::kClosed);
  EXPECT_FALSE(Use(use_));
  EXPECT_FALSE(Use(change_));
  EXPECT_FALSE(change_.Check());
}

TEST_F(GuardOfChanges, TakesWantOfSpaceForAFailureOfThoseWhoChangeNothing) {
  for (int i = 0; i < 10; ++i) EXPECT_FALSE(Use(use_, ErrorCode::kStorageFull));
  EXPECT_EQ(breaker_.State(), BreakerState::kOpen);
}

TEST_F(GuardOfChanges, ClosesWhenThereIsSpaceAgain) {
  of_changes_.Force(Forced::kOpen);
  of_changes_.Force(Forced::kNo);
  ASSERT_EQ(of_changes_.State(), BreakerState::kHalfOpen);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(Use(use_));
  EXPECT_EQ(of_changes_.State(), BreakerState::kHalfOpen) << "who reads needs no space";
  // A row that is not there says nothing of space either.
  for (int i = 0; i < 3; ++i) {
    EXPECT_FALSE(change_.Run([]() -> base::Status { return base::Fail(ErrorCode::kNotFound, "Contact not found"); }));
  }
  EXPECT_EQ(of_changes_.State(), BreakerState::kHalfOpen);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(Use(change_));
  EXPECT_EQ(of_changes_.State(), BreakerState::kClosed);
}

TEST_F(GuardOfChanges, LeavesNoProbeBehindWhereOnlyOneOfTheTwoLetsItIn) {
  breaker_.Force(Forced::kOpen);
  breaker_.Force(Forced::kNo);
  of_changes_.Force(Forced::kOpen);
  for (int i = 0; i < 10; ++i) EXPECT_FALSE(Use(change_));
  EXPECT_EQ(breaker_.State(), BreakerState::kHalfOpen);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(Use(use_));
  EXPECT_EQ(breaker_.State(), BreakerState::kClosed);
}

TEST(Guard, LetsEverythingPassWithoutABreaker) {
  const Guard guard;
  for (int i = 0; i < 30; ++i) {
    EXPECT_EQ(guard.Run([]() -> base::Status { return base::Fail(Fault(ErrorCode::kUnavailable)); }).error().code,
              ErrorCode::kUnavailable);
  }
  EXPECT_TRUE(guard.Check());
}

}  // namespace
}  // namespace portal::resilience
