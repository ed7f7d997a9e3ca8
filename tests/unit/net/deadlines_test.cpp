#include "net/deadlines.h"

#include <gtest/gtest.h>

#include <vector>

#include "support/manual_clock.h"

namespace portal::net {
namespace {

using std::chrono::milliseconds;

class DeadlinesTest : public ::testing::Test {
 protected:
  std::vector<std::uint32_t> TakeAll() {
    std::vector<std::uint32_t> owners;
    while (const auto due = deadlines_.TakeDue(clock_.Monotonic())) owners.push_back(due->owner);
    return owners;
  }

  testing::ManualClock clock_;
  Deadlines deadlines_{{milliseconds(60), milliseconds(60), milliseconds(10), milliseconds(30), milliseconds(2)}};
  Deadlines::Member a_{1}, b_{2}, c_{3};
};

TEST_F(DeadlinesTest, AreDueExactlyWhenTheirTimeHasPassed) {
  deadlines_.Arm(a_, DeadlineKind::kHead, clock_.Monotonic());
  clock_.Advance(milliseconds(9));
  EXPECT_TRUE(TakeAll().empty());
  clock_.Advance(milliseconds(1));
  const auto due = deadlines_.TakeDue(clock_.Monotonic());
  ASSERT_TRUE(due.has_value());
  EXPECT_EQ(due->owner, 1u);
  EXPECT_EQ(due->kind, DeadlineKind::kHead);
  EXPECT_TRUE(TakeAll().empty());
}

TEST_F(DeadlinesTest, TellTheEarliestOfAllKinds) {
  EXPECT_EQ(deadlines_.Next(), std::nullopt);
  const auto start = clock_.Monotonic();
  deadlines_.Arm(a_, DeadlineKind::kIdle, start);
  EXPECT_EQ(deadlines_.Next(), start + milliseconds(60));
  deadlines_.Arm(b_, DeadlineKind::kSend, start);
  EXPECT_EQ(deadlines_.Next(), start + milliseconds(30));
  deadlines_.Arm(c_, DeadlineKind::kLinger, start);
  EXPECT_EQ(deadlines_.Next(), start + milliseconds(2));
  deadlines_.Disarm(c_);
  EXPECT_EQ(deadlines_.Next(), start + milliseconds(30));
}

TEST_F(DeadlinesTest, MoveBackWhenArmedAgain) {
  deadlines_.Arm(a_, DeadlineKind::kHead, clock_.Monotonic());
  deadlines_.Arm(b_, DeadlineKind::kHead, clock_.Monotonic());
  clock_.Advance(milliseconds(5));
  deadlines_.Arm(a_, DeadlineKind::kHead, clock_.Monotonic());
  clock_.Advance(milliseconds(5));
  EXPECT_EQ(TakeAll(), std::vector<std::uint32_t>{2});
  clock_.Advance(milliseconds(5));
  EXPECT_EQ(TakeAll(), std::vector<std::uint32_t>{1});
}

TEST_F(DeadlinesTest, AreOneAMember) {
  deadlines_.Arm(a_, DeadlineKind::kHead, clock_.Monotonic());
  deadlines_.Arm(a_, DeadlineKind::kSend, clock_.Monotonic());
  EXPECT_FALSE(deadlines_.IsArmed(a_, DeadlineKind::kHead));
  EXPECT_TRUE(deadlines_.IsArmed(a_, DeadlineKind::kSend));
  clock_.Advance(milliseconds(29));
  EXPECT_TRUE(TakeAll().empty());
  clock_.Advance(milliseconds(1));
  EXPECT_EQ(TakeAll(), std::vector<std::uint32_t>{1});
}

TEST_F(DeadlinesTest, ForgetADisarmedMemberWhereverItStands) {
  for (Deadlines::Member* gone : {&a_, &b_, &c_}) {
    for (Deadlines::Member* member : {&a_, &b_, &c_}) {
      deadlines_.Arm(*member, DeadlineKind::kSend, clock_.Monotonic());
    }
    deadlines_.Disarm(*gone);
    deadlines_.Disarm(*gone);
    clock_.Advance(milliseconds(30));
    std::vector<std::uint32_t> expected;
    for (const Deadlines::Member* member : {&a_, &b_, &c_}) {
      if (member != gone) expected.push_back(member->owner);
    }
    EXPECT_EQ(TakeAll(), expected);
    EXPECT_EQ(deadlines_.Next(), std::nullopt);
  }
}

}  // namespace
}  // namespace portal::net
