#include "http/rate_limits.h"

#include <gtest/gtest.h>

#include "base/ip_address.h"
#include "support/manual_clock.h"

namespace portal::http {
namespace {

using model::LimitPolicy;
using testing::ManualClock;

class RateLimitsTest : public ::testing::Test {
 protected:
  static RateLimits::Options Options() {
    RateLimits::Options options;
    options.budgets.of_client.fill(3);
    options.budgets.auth_failures = 2;
    options.exempt.push_back(*base::IpNetwork::Parse("10.0.0.0/8"));
    return options;
  }
  static LimitSubject Client(const char* id, std::int64_t tenant = 1) {
    LimitSubject subject;
    subject.client = LimitKeyOf(base::ClientId(id));
    subject.tenant = base::TenantId(tenant);
    return subject;
  }
  bool Allows(const LimitSubject& subject, LimitPolicy policy = LimitPolicy::kJobs) {
    const auto verdict = limits_.Take(policy, subject);
    return !verdict || verdict->decision.allowed;
  }

  ManualClock clock_;
  RateLimits limits_{clock_, Options()};
};

TEST_F(RateLimitsTest, CountsEachPolicyOfEachClientApart) {
  const LimitSubject acme = Client("acme");
  for (int n = 0; n < 3; ++n) EXPECT_TRUE(Allows(acme));
  EXPECT_FALSE(Allows(acme));
  EXPECT_TRUE(Allows(acme, LimitPolicy::kContacts));
  EXPECT_TRUE(Allows(Client("globex")));
}

TEST_F(RateLimitsTest, TakesAClientsOwnBudgetBeforeTheConfiguredOneAndZeroAsNone) {
  LimitSubject client = Client("acme");
  client.client_budgets.Set(LimitPolicy::kJobs, 1);
  EXPECT_TRUE(Allows(client));
  EXPECT_FALSE(Allows(client));
  client.client_budgets.Set(LimitPolicy::kJobs, 0);
  EXPECT_FALSE(limits_.Take(LimitPolicy::kJobs, client).has_value());
  client.client_budgets.Set(LimitPolicy::kJobs, std::nullopt);
  EXPECT_EQ(limits_.Take(LimitPolicy::kJobs, client)->decision.limit, 3u);
}

TEST_F(RateLimitsTest, HoldsATenantsClientsTogetherWhereItHasABudgetAndTheTighterOneSpeaks) {
  LimitSubject one = Client("one");
  LimitSubject two = Client("two");
  for (LimitSubject* client : {&one, &two}) client->tenant_budgets.Set(LimitPolicy::kJobs, 4);
  EXPECT_EQ(limits_.Take(LimitPolicy::kJobs, one)->decision.remaining, 2u) << "the client's";
  EXPECT_TRUE(Allows(one));
  EXPECT_EQ(limits_.Take(LimitPolicy::kJobs, two)->decision.remaining, 1u) << "the tenant's";
  EXPECT_TRUE(Allows(two));
  const auto refused = limits_.Take(LimitPolicy::kJobs, two);
  EXPECT_FALSE(refused->decision.allowed);
  EXPECT_EQ(refused->decision.limit, 4u);
  clock_.Advance(std::chrono::seconds{60});
  EXPECT_TRUE(Allows(two)) << "and what was refused has counted for nobody";
  EXPECT_EQ(limits_.Take(LimitPolicy::kJobs, two)->decision.remaining, 1u);
}

TEST_F(RateLimitsTest, CountsAddressesByWhoeverHasThemAndLeavesExemptOnesAlone) {
  const auto address = [](const char* text) { return *base::IpAddress::Parse(text); };
  const auto allows = [&](const char* text) {
    const auto verdict = limits_.Take(LimitPolicy::kHealth, address(text));
    return !verdict || verdict->decision.allowed;
  };
  for (int n = 0; n < 3; ++n) EXPECT_TRUE(allows("2001:db8::1"));
  EXPECT_FALSE(allows("2001:db8::2")) << "one /64 is one subscriber";
  EXPECT_TRUE(allows("2001:db8:0:1::1"));
  for (int n = 0; n < 10; ++n) EXPECT_TRUE(allows("10.1.2.3"));
  for (int n = 0; n < 2; ++n) EXPECT_TRUE(limits_.NoteAuthFailure(address("192.0.2.1"))->decision.allowed);
  EXPECT_FALSE(limits_.NoteAuthFailure(address("192.0.2.1"))->decision.allowed);
  EXPECT_TRUE(allows("192.0.2.1")) << "failures are counted apart";
}

TEST_F(RateLimitsTest, ForgetWhatAClientHasUsed) {
  const LimitSubject client = Client("acme");
  for (int n = 0; n < 3; ++n) Allows(client);
  limits_.Reset(client.client, LimitPolicy::kContacts);
  EXPECT_FALSE(Allows(client));
  limits_.Reset(client.client, LimitPolicy::kJobs);
  EXPECT_TRUE(Allows(client));
}

}  // namespace
}  // namespace portal::http
