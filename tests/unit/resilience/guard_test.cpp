#include "resilience/guard.h"

#include <gtest/gtest.h>

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
      {Fault(ErrorCode::kStorageFull), Verdict::kFails},
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
