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

  control::Sessions::Begun Begin(std::string_view user_agent = "test", const std::string& token = "tok_1") {
    return sessions_.Begin({.token_id = token}, *base::IpAddress::Parse("192.0.2.7"), user_agent);
  }
  bool Knows(const std::string& secret) { return sessions_.Use(secret).has_value(); }

  testing::ManualClock clock_;
  control::Sessions sessions_{clock_};
};

TEST_F(Sessions, KnowTheirSecretAndNothingLikeIt) {
  const auto begun = Begin();
  EXPECT_EQ(begun.secret.size(), 43u);
  const auto found = sessions_.Use(begun.secret);
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
  EXPECT_TRUE(sessions_.List().empty());
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
  const auto all = sessions_.List();
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].id, first.session.id);
  EXPECT_EQ(all[1].id, second.session.id);
}

/// As many as there may be, each credential with as many as one may have.
std::string TokenOf(std::size_t session) { return "tok_" + std::to_string(session / control::Sessions::kMostOfOne); }

TEST_F(Sessions, MakeRoomByEndingTheOneThatWasNotUsedForLongest) {
  const std::string used = Begin("test", TokenOf(0)).secret;
  const std::string forgotten = Begin("test", TokenOf(1)).secret;
  for (std::size_t i = 2; i < control::Sessions::kMost; ++i) Begin("test", TokenOf(i));
  clock_.Advance(minutes{1});
  EXPECT_TRUE(Knows(used));
  for (std::size_t i = 2; i < control::Sessions::kMost; ++i) Begin("test", "new_" + TokenOf(i));
  Begin("test", "tok_another");
  EXPECT_EQ(sessions_.List().size(), control::Sessions::kMost);
  EXPECT_TRUE(Knows(used));
  EXPECT_FALSE(Knows(forgotten));
}

TEST_F(Sessions, OfOneCredentialEndNoOthers) {
  const std::string other = Begin("test", "tok_admin").secret;
  clock_.Advance(minutes{1});
  const std::string first = Begin("test", "tok_metrics").secret;
  const std::string second = Begin("test", "tok_metrics").secret;
  clock_.Advance(minutes{1});
  EXPECT_TRUE(Knows(first));
  for (std::size_t i = 2; i < control::Sessions::kMostOfOne + 1; ++i) Begin("test", "tok_metrics");
  EXPECT_TRUE(Knows(first));
  EXPECT_FALSE(Knows(second)) << "its own least recently used one gives way";
  for (std::size_t i = 0; i < control::Sessions::kMost + 1; ++i) Begin("test", "tok_metrics");
  EXPECT_EQ(sessions_.List().size(), control::Sessions::kMostOfOne + 1);
  EXPECT_TRUE(Knows(other));
}

TEST_F(Sessions, EndThoughTheWallClockIsSetBack) {
  const auto begun = Begin();
  EXPECT_EQ(begun.session.ends_at, clock_.Wall() + Session::kIdle);
  clock_.SetWall(clock_.Wall() - hours{24});
  EXPECT_EQ(sessions_.List().at(0).ends_at, clock_.Wall() + Session::kIdle) << "as the wall goes now";
  clock_.Advance(Session::kIdle - milliseconds{1});
  EXPECT_TRUE(Knows(begun.secret));
  clock_.SetWall(clock_.Wall() - hours{24});
  clock_.Advance(Session::kIdle);
  EXPECT_FALSE(Knows(begun.secret));
}

TEST_F(Sessions, LiveOnThoughTheWallClockIsSetForwards) {
  const auto begun = Begin();
  clock_.SetWall(clock_.Wall() + hours{24 * 365});
  EXPECT_TRUE(Knows(begun.secret));
}

TEST_F(Sessions, KeepOfAUserAgentWhatCanBeShown) {
  EXPECT_EQ(Begin("Firefox\x1b[31m\xff").session.user_agent, "Firefox?[31m?");
  EXPECT_EQ(Begin(std::string(5000, 'a')).session.user_agent, std::string(200, 'a'));
}

}  // namespace
}  // namespace portal::control
