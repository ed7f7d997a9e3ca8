#include "control/sessions.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "crypto/sodium.h"
#include "support/manual_clock.h"

namespace portal::control {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;

class Sessions : public ::testing::Test {
 protected:
  void SetUp() override { crypto::Initialize(); }

  control::Sessions::Begun Begin(std::string_view user_agent = "test") {
    return sessions_.Begin({.token_id = "tok_1"}, *base::IpAddress::Parse("192.0.2.7"), user_agent, clock_.Wall());
  }
  bool Knows(const std::string& secret) { return sessions_.Use(secret, clock_.Wall()).has_value(); }

  testing::ManualClock clock_;
  control::Sessions sessions_;
};

TEST_F(Sessions, KnowTheirSecretAndNothingLikeIt) {
  const auto begun = Begin();
  EXPECT_EQ(begun.secret.size(), 43u);
  const auto found = sessions_.Use(begun.secret, clock_.Wall());
  ASSERT_TRUE(found);
  EXPECT_EQ(found->id, begun.session.id);
  EXPECT_EQ(found->credential.token_id, "tok_1");
  for (const std::string& wrong : {std::string(), begun.session.id, begun.secret + "A", begun.secret.substr(1)}) {
    EXPECT_FALSE(Knows(wrong)) << wrong;
  }
}

TEST_F(Sessions, HaveSecretsAndIdsOfTheirOwn) {
  std::set<std::string> seen;
  for (int i = 0; i < 100; ++i) {
    const auto begun = Begin();
    EXPECT_TRUE(seen.insert(begun.secret).second);
    EXPECT_TRUE(seen.insert(begun.session.id).second);
  }
}

TEST_F(Sessions, EndWhenNobodyUsesThem) {
  const std::string secret = Begin().secret;
  clock_.Advance(Session::kIdle - milliseconds{1});
  EXPECT_TRUE(Knows(secret));
  clock_.Advance(Session::kIdle - milliseconds{1});
  EXPECT_TRUE(Knows(secret)) << "it was used in between";
  clock_.Advance(Session::kIdle);
  EXPECT_TRUE(sessions_.List(clock_.Wall()).empty());
  EXPECT_FALSE(Knows(secret));
}

TEST_F(Sessions, EndInAnyCaseInTheEnd) {
  const std::string secret = Begin().secret;
  for (minutes age{0}; age < Session::kLife; age += minutes{15}) {
    EXPECT_TRUE(Knows(secret)) << age.count();
    clock_.Advance(minutes{15});
  }
  EXPECT_FALSE(Knows(secret));
}

TEST_F(Sessions, AreEndedByIdOrAllAtOnce) {
  const auto first = Begin();
  const auto second = Begin();
  const auto third = Begin();
  EXPECT_FALSE(sessions_.End("ses_nobody"));
  EXPECT_TRUE(sessions_.End(second.session.id));
  EXPECT_FALSE(sessions_.End(second.session.id));
  EXPECT_TRUE(Knows(first.secret));
  EXPECT_FALSE(Knows(second.secret));
  sessions_.EndAll();
  EXPECT_FALSE(Knows(first.secret));
  EXPECT_FALSE(Knows(third.secret));
}

TEST_F(Sessions, AreListedByBeginning) {
  const auto first = Begin();
  clock_.Advance(minutes{1});
  const auto second = Begin();
  const auto all = sessions_.List(clock_.Wall());
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].id, first.session.id);
  EXPECT_EQ(all[1].id, second.session.id);
}

TEST_F(Sessions, MakeRoomByEndingTheOneThatWasNotUsedForLongest) {
  const std::string used = Begin().secret;
  const std::string forgotten = Begin().secret;
  for (std::size_t i = 2; i < control::Sessions::kMost; ++i) Begin();
  clock_.Advance(minutes{1});
  EXPECT_TRUE(Knows(used));
  for (std::size_t i = 2; i < control::Sessions::kMost; ++i) EXPECT_EQ(Begin().secret.size(), 43u);
  Begin();
  EXPECT_EQ(sessions_.List(clock_.Wall()).size(), control::Sessions::kMost);
  EXPECT_TRUE(Knows(used));
  EXPECT_FALSE(Knows(forgotten));
}

TEST_F(Sessions, KeepOfAUserAgentWhatCanBeShown) {
  EXPECT_EQ(Begin("Firefox\x1b[31m\xff").session.user_agent, "Firefox?[31m?");
  EXPECT_EQ(Begin(std::string(5000, 'a')).session.user_agent, std::string(200, 'a'));
}

}  // namespace
}  // namespace portal::control
