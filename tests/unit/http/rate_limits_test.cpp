#include "http/rate_limits.h"

#include <gtest/gtest.h>

#include <optional>
#include <random>

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

TEST_F(RateLimitsTest, TellsAClientToWaitForWhicheverOfBothBudgetsTakesLonger) {
  LimitSubject one = Client("one");
  LimitSubject two = Client("two");
  for (LimitSubject* client : {&one, &two}) client->tenant_budgets.Set(LimitPolicy::kJobs, 6);
  for (int n = 0; n < 3; ++n) EXPECT_TRUE(Allows(one));
  clock_.Advance(std::chrono::seconds{30});
  for (int n = 0; n < 3; ++n) EXPECT_TRUE(Allows(two));
  EXPECT_EQ(limits_.Take(LimitPolicy::kJobs, one)->SecondsLeft(), 30);
  one.tenant_budgets.Set(LimitPolicy::kJobs, 2);
  const auto refused = limits_.Take(LimitPolicy::kJobs, one);
  EXPECT_EQ(refused->SecondsLeft(), 60) << "five of the tenant's six have to leave";
  EXPECT_EQ(refused->decision.limit, 2u);
  clock_.Advance(std::chrono::seconds{59});
  EXPECT_FALSE(Allows(one));
  clock_.Advance(std::chrono::seconds{1});
  EXPECT_TRUE(Allows(one));
}

TEST_F(RateLimitsTest, LetsThroughWhoeverWaitsForAsLongAsItWasToldAndNobodyBefore) {
  std::mt19937 random(20250901);
  const auto below = [&](std::uint32_t most) { return static_cast<std::uint32_t>(random() % most); };
  int of_tenants = 0;
  for (int round = 0; round < 500; ++round) {
    limits_.ResetAll();
    std::array clients = {Client("one"), Client("two"), Client("three")};
    std::optional<LimitVerdict> last;
    for (int n = 0; n < 60; ++n) {
      clock_.Advance(std::chrono::microseconds(below(2'000'000)));
      LimitSubject& client = clients[below(3)];
      if (below(10) == 0) client.client_budgets.Set(LimitPolicy::kJobs, 1 + below(6));
      const std::uint32_t of_tenant = 1 + below(12);
      if (below(10) == 0) {
        for (LimitSubject& each : clients) each.tenant_budgets.Set(LimitPolicy::kJobs, of_tenant);
      }
      last = limits_.Take(LimitPolicy::kJobs, client);
      if (last->decision.allowed) continue;
      of_tenants += last->decision.limit != limits_.BudgetOf(LimitPolicy::kJobs, client.client_budgets);
      if (n < 40) continue;
      using std::chrono::microseconds;
      const auto wait = std::chrono::duration_cast<microseconds>(last->decision.resets_at - last->decision.decided_at);
      clock_.Advance(wait - microseconds{1});
      ASSERT_FALSE(Allows(client)) << "round " << round;
      clock_.Advance(std::chrono::seconds(last->SecondsLeft()) - wait + microseconds{1});
      ASSERT_TRUE(Allows(client)) << "round " << round;
      break;
    }
  }
  EXPECT_GT(of_tenants, 100);
}

TEST_F(RateLimitsTest, ShowsAndForgetsWhatATenantsClientsHaveUsedTogether) {
  LimitSubject one = Client("one", 7);
  one.tenant_budgets.Set(LimitPolicy::kJobs, 2);
  EXPECT_TRUE(limits_.Tenants().empty());
  for (int n = 0; n < 2; ++n) EXPECT_TRUE(Allows(one));
  EXPECT_FALSE(Allows(one));
  const auto tenants = limits_.Tenants();
  ASSERT_EQ(tenants.size(), 1u);
  EXPECT_EQ(tenants[0].key, LimitKeyOf(base::TenantId(7)));
  EXPECT_EQ(tenants[0].policy, "jobs");
  EXPECT_EQ(tenants[0].used, 2u);
  EXPECT_EQ(tenants[0].refused, 1u);
  limits_.Reset(one.client, std::nullopt);
  EXPECT_FALSE(Allows(one)) << "its tenant's are still there";
  limits_.Reset(base::TenantId(7), LimitPolicy::kFiles);
  limits_.Reset(base::TenantId(8), std::nullopt);
  EXPECT_FALSE(Allows(one));
  limits_.Reset(base::TenantId(7), LimitPolicy::kJobs);
  EXPECT_TRUE(Allows(one));
}

/// The n-th /64 of a network that begins with `first`.
base::IpAddress Subscriber(std::uint32_t first, std::uint32_t n) {
  in6_addr bytes{};
  for (int i = 0; i < 4; ++i) {
    bytes.s6_addr[i] = static_cast<std::uint8_t>(first >> (24 - 8 * i));
    bytes.s6_addr[i + 4] = static_cast<std::uint8_t>(n >> (24 - 8 * i));
  }
  return base::IpAddress(bytes);
}

TEST_F(RateLimitsTest, KeepsRoomForAddressesWhateverBadTokensComeAndTheOtherWayRound) {
  RateLimits::Options options = Options();
  options.max_addresses = 100;
  RateLimits limits(clock_, options);
  for (std::uint32_t n = 0; n < 1'000; ++n) limits.NoteAuthFailure(Subscriber(0x2001'0db8, n));
  EXPECT_GT(limits.sizes().auth_failures.shared, 0u);
  for (std::uint32_t n = 0; n < 10; ++n) {
    EXPECT_TRUE(limits.Take(LimitPolicy::kHealth, Subscriber(0x2001'0db9, n))->decision.allowed) << n;
  }
  EXPECT_EQ(limits.sizes().addresses.shared, 0u);

  limits.ResetAll();
  for (std::uint32_t n = 0; n < 1'000; ++n) limits.Take(LimitPolicy::kHealth, Subscriber(0x2001'0db8, n));
  EXPECT_GT(limits.sizes().addresses.shared, 0u);
  for (std::uint32_t n = 0; n < 10; ++n) {
    EXPECT_TRUE(limits.NoteAuthFailure(Subscriber(0x2001'0db9, n))->decision.allowed) << n;
  }
  EXPECT_EQ(limits.Addresses().size(), 110u) << "both are shown";
}

TEST_F(RateLimitsTest, HasRoomForAllOfAnIpv6Slash48UnlessToldOtherwise) {
  RateLimits limits(clock_, Options());
  for (std::uint32_t n = 0; n < 65'536; ++n) {
    limits.Take(LimitPolicy::kHealth, Subscriber(0x2001'0db8, n));
    limits.NoteAuthFailure(Subscriber(0x2001'0db8, n));
  }
  EXPECT_TRUE(limits.Take(LimitPolicy::kHealth, Subscriber(0x2001'0db9, 1))->decision.allowed);
  EXPECT_TRUE(limits.NoteAuthFailure(Subscriber(0x2001'0db9, 1))->decision.allowed);
  EXPECT_EQ(limits.sizes().addresses.shared, 0u);
  EXPECT_EQ(limits.sizes().auth_failures.shared, 0u);
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

TEST_F(RateLimitsTest, ForgetAPolicyOfStrangersToo) {
  RateLimits::Options options = Options();
  options.max_addresses = 100;
  RateLimits limits(clock_, options);
  const auto allows = [&](std::uint32_t n) {
    return limits.Take(LimitPolicy::kHealth, Subscriber(0x2001'0db8, n))->decision.allowed;
  };
  for (std::uint32_t n = 0; n < 1'000; ++n) allows(n);
  EXPECT_FALSE(allows(1'000)) << "it shares a budget that is used up";
  limits.ResetPolicy(LimitPolicy::kJobs);
  EXPECT_FALSE(allows(1'000));
  limits.ResetPolicy(LimitPolicy::kHealth);
  EXPECT_TRUE(limits.Addresses().empty());
  EXPECT_TRUE(allows(1'000));
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
