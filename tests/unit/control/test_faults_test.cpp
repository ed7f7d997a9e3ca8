#include "control/test_faults.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "base/error.h"
#include "http/request.h"
#include "http/router.h"
#include "support/manual_clock.h"

namespace portal::control {
namespace {

using base::ErrorCode;
using std::chrono::milliseconds;
using std::chrono::seconds;

const http::Route kContacts{"/v1/contacts", http::RouteAccess::kBearer, {}};
const http::Route kJobs{"/v1/jobs", http::RouteAccess::kBearer, {}};
const base::TenantId kAcme{1};
const base::TenantId kGlobex{2};

http::Request From(const http::Route& route, const base::TenantId& tenant) {
  http::Request request;
  request.route = &route;
  request.identity.emplace();
  request.identity->tenant = tenant;
  return request;
}

FaultRule Failing(ErrorCode code) {
  FaultRule rule;
  rule.fault.error = code;
  return rule;
}

class TestFaultsTest : public ::testing::Test {
 protected:
  std::optional<ErrorCode> Choose(const http::Route& route = kContacts, const base::TenantId& tenant = kAcme) {
    return faults_.Choose(From(route, tenant)).error;
  }
  /// Which of so many requests are hit, as `X` and `.`.
  std::string Hits(int requests) {
    std::string hits;
    for (int i = 0; i < requests; ++i) hits += Choose() ? 'X' : '.';
    return hits;
  }

  portal::testing::ManualClock clock_;
  TestRequests requests_;
  TestFaults faults_{clock_, requests_};
};

TEST_F(TestFaultsTest, ChoosesNothingWithoutARule) { EXPECT_FALSE(faults_.Choose(From(kContacts, kAcme)).any()); }

TEST_F(TestFaultsTest, IsAboutItsRouteAndTenantAlone) {
  FaultRule rule = Failing(ErrorCode::kInternal);
  rule.route = "/v1/contacts";
  rule.tenant = kAcme;
  faults_.Set({rule});
  EXPECT_EQ(Choose(kContacts, kAcme), ErrorCode::kInternal);
  EXPECT_EQ(Choose(kJobs, kAcme), std::nullopt);
  EXPECT_EQ(Choose(kContacts, kGlobex), std::nullopt);
  http::Request unknown;
  unknown.route = &kContacts;
  EXPECT_FALSE(faults_.Choose(unknown).any());
}

TEST_F(TestFaultsTest, LetsTheFirstRuleThatHitsDecide) {
  FaultRule once = Failing(ErrorCode::kInternal);
  once.count = 1;
  faults_.Set({once, Failing(ErrorCode::kUnavailable)});
  EXPECT_EQ(Choose(), ErrorCode::kInternal);
  EXPECT_EQ(Choose(), ErrorCode::kUnavailable);
}

TEST_F(TestFaultsTest, HitsTheSameRequestsWithTheSameSeed) {
  FaultRule rule = Failing(ErrorCode::kInternal);
  rule.probability = 0.5;
  rule.seed = 11;
  faults_.Set({rule});
  const std::string first = Hits(64);
  faults_.Set({rule});
  EXPECT_EQ(Hits(64), first);
  rule.seed = 12;
  faults_.Set({rule});
  EXPECT_NE(Hits(64), first);
}

TEST_F(TestFaultsTest, HitsAsOftenAsItsProbabilitySays) {
  struct Case {
    double probability;
    int least, most;  // of 10,000
  };
  for (const Case& c : {Case{0, 0, 0}, {0.01, 60, 140}, {0.3, 2'800, 3'200}, {1, 10'000, 10'000}}) {
    FaultRule rule = Failing(ErrorCode::kInternal);
    rule.probability = c.probability;
    rule.seed = 3;
    faults_.Set({rule});
    const std::string hits = Hits(10'000);
    const auto count = std::count(hits.begin(), hits.end(), 'X');
    EXPECT_GE(count, c.least) << c.probability;
    EXPECT_LE(count, c.most) << c.probability;
  }
}

TEST_F(TestFaultsTest, EndsAfterItsTime) {
  FaultRule rule = Failing(ErrorCode::kInternal);
  rule.expires = seconds{30};
  faults_.Set({rule});
  clock_.Advance(seconds{30} - milliseconds{1});
  EXPECT_TRUE(Choose());
  clock_.Advance(milliseconds{1});
  EXPECT_FALSE(Choose());
}

class SlowFaultTest : public TestFaultsTest {
 protected:
  SlowFaultTest() {
    FaultRule slow;
    slow.fault.latency = std::chrono::hours{1};
    faults_.Set({slow});
    chosen_ = faults_.Choose(From(kContacts, kAcme));
  }
  http::InjectedFault chosen_;
};

TEST_F(SlowFaultTest, DelaysNobodyOnceThePortalEnds) {
  faults_.End();
  faults_.Delay(chosen_);  // returns
}

TEST_F(SlowFaultTest, DelaysNobodyWhomItChoseBeforeItWasTakenAway) {
  faults_.Set({});
  faults_.Delay(chosen_);  // returns
}

TEST_F(SlowFaultTest, LetsTheDelayedGoOnWhenItIsTakenAway) {
  std::thread delayed([this] { faults_.Delay(chosen_); });
  faults_.Set({});
  delayed.join();
}

TEST_F(TestFaultsTest, DelaysForAsLongAsItSays) {
  FaultRule slow;
  slow.fault.latency = milliseconds{20};
  faults_.Set({slow});
  const auto begun = std::chrono::steady_clock::now();
  faults_.Delay(faults_.Choose(From(kContacts, kAcme)));
  EXPECT_GE(std::chrono::steady_clock::now() - begun, milliseconds{20});
}

TEST(TestRequests, RemembersTheLastThousand) {
  TestRequests requests;
  for (int i = 0; i < 1'500; ++i) {
    SeenRequest request;
    request.target = std::to_string(i);
    requests.Add(std::move(request));
  }
  const TestRequests::Seen seen = requests.All();
  EXPECT_EQ(seen.total, 1'500U);
  ASSERT_EQ(seen.last.size(), 1'000U);
  EXPECT_EQ(seen.last.front().target, "500");
  EXPECT_EQ(seen.last.back().target, "1499");
  requests.Clear();
  EXPECT_EQ(requests.All().total, 0U);
  EXPECT_TRUE(requests.All().last.empty());
}

TEST(TestRequests, KeepsNamesOfAQueryWithoutValues) {
  struct Case {
    std::string_view query, target;
  };
  for (const Case& c : {Case{"", "/p"}, {"a=1", "/p?a"}, {"a=1&b=2", "/p?a&b"}, {"a&b=2&", "/p?a&b"}, {"=x", "/p?"}}) {
    http::Request request;
    request.head.path = "/p";
    request.head.query = c.query;
    EXPECT_EQ(SeenRequest::Of(request, 200).target, c.target) << c.query;
  }
  http::Request request;
  const std::string long_path = "/" + std::string(5'000, 'x');
  request.head.path = long_path;
  EXPECT_EQ(SeenRequest::Of(request, 200).target.size(), 1'024U);
}

}  // namespace
}  // namespace portal::control
