#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <thread>

#include "store/writer.h"
#include "support/http_client.h"
#include "support/test_portal.h"

namespace portal {
namespace {

using testing::HttpAnswer;
using testing::HttpClient;
using testing::TestPortal;

const HttpClient::Headers kProd = {{"Authorization", "Bearer prod_token"}};
const HttpClient::Headers kOther = {{"Authorization", "Bearer different_tenant_token"}};
constexpr std::string_view kContact = "/v1/contacts/550e8400-e29b-41d4-a716-446655440000";

class ApiTest : public ::testing::Test {
 protected:
  nlohmann::json Json(const std::string& target, int status = 200, const HttpClient::Headers& headers = kProd) {
    const HttpAnswer answer = client_.Get(target, headers);
    EXPECT_EQ(answer.status, status) << target << "\n" << answer.body;
    return nlohmann::json::parse(answer.body);
  }
  /// cpp-httplib decodes header values; what a cursor link needs survives that, since cursors are base64url.
  std::string Link(const HttpAnswer& answer, const std::string& relation) const {
    const std::string& header = answer.Header("link");
    const std::size_t end = header.find(">; rel=\"" + relation + "\"");
    if (end == std::string::npos) return {};
    const std::size_t start = header.rfind('<', end) + 1;
    return header.substr(start, end - start).substr(portal_.url().size());
  }

  void AddContact(int number) {
    char id[37];
    std::snprintf(id, sizeof(id), "00000000-0000-4000-8000-%012d", number);
    model::Contact contact;
    contact.id = base::ContactId(id);
    contact.name = "Newcomer " + std::to_string(number);
    contact.created_at = base::WallTime{std::chrono::milliseconds{1'600'000'000'000 + number * 61'000'000LL}};
    contact.updated_at = contact.created_at;
    const auto status = portal_.database().writer().Write([&](store::WriteTransaction& transaction) -> base::Status {
      const auto outcome = transaction.UpsertContact(portal_.acme(), contact);
      if (!outcome) return base::Fail(outcome.error());
      return {};
    });
    EXPECT_TRUE(status) << status.error().detail;
  }

  TestPortal portal_;
  HttpClient client_{portal_.port()};
};

TEST_F(ApiTest, WalksEveryRowOnceForwardAndBackInEveryOrder) {
  const struct {
    std::string path;
    std::size_t rows;
  } cases[] = {
      {"/v1/contacts?limit=100", 1247},
      {"/v1/contacts?limit=97&sort=name", 1247},
      {"/v1/contacts?limit=200&sort=-updated_at", 1247},
      {"/v1/jobs?limit=50", 342},
      {"/v1/jobs?limit=31&sort=scheduled_at", 342},
      {"/v1/jobs?limit=31&sort=-scheduled_at", 342},
  };
  for (const auto& c : cases) {
    std::vector<std::string> forward;
    std::string last_page;
    for (std::string target = c.path; !target.empty();) {
      const HttpAnswer answer = client_.Get(target, kProd);
      ASSERT_EQ(answer.status, 200) << target << answer.body;
      const auto page = nlohmann::json::parse(answer.body);
      EXPECT_EQ(page.at("total"), c.rows);
      for (const auto& row : page.at("data")) forward.push_back(row.at("id"));
      last_page = target;
      target = Link(answer, "next");
      EXPECT_EQ(page.at("has_more").get<bool>(), !target.empty());
    }
    EXPECT_EQ(forward.size(), c.rows) << c.path;
    EXPECT_EQ(std::set(forward.begin(), forward.end()).size(), c.rows) << c.path;

    std::vector<std::string> backward;
    for (std::string target = last_page; !target.empty();) {
      const HttpAnswer answer = client_.Get(target, kProd);
      const auto page = nlohmann::json::parse(answer.body);
      for (auto row = page.at("data").rbegin(); row != page.at("data").rend(); ++row) backward.push_back(row->at("id"));
      target = Link(answer, "prev");
    }
    std::reverse(backward.begin(), backward.end());
    EXPECT_EQ(backward, forward) << c.path;
  }
}

TEST_F(ApiTest, CursorPagesNeitherLoseNorRepeatARowWhileOthersAreWritten) {
  std::set<std::string> before;
  for (int offset = 0; offset < 1247; offset += 200) {
    const auto page = Json("/v1/contacts?limit=200&offset=" + std::to_string(offset));
    for (const auto& row : page.at("data")) {
      before.insert(row.at("id").get<std::string>());
    }
  }
  ASSERT_EQ(before.size(), 1247u);
  std::atomic<bool> done{false};
  std::atomic<int> written{0};
  std::thread feed([&] {
    for (int i = 0; !done; ++i) {
      AddContact(i);  // all over the range of times that the walk passes through
      ++written;
    }
  });
  std::multiset<std::string> seen;
  for (std::string target = "/v1/contacts?limit=7"; !target.empty();) {
    const HttpAnswer answer = client_.Get(target, kProd);
    ASSERT_EQ(answer.status, 200) << answer.body;
    const auto page = nlohmann::json::parse(answer.body);
    for (const auto& row : page.at("data")) seen.insert(row.at("id").get<std::string>());
    target = Link(answer, "next");
  }
  done = true;
  feed.join();
  EXPECT_GT(written, 0);
  for (const std::string& id : before) EXPECT_EQ(seen.count(id), 1u) << id;
}

TEST_F(ApiTest, AnswersNotModifiedUntilTheTenantChanges) {
  int newcomers = 0;
  for (const char* path : {"/v1/contacts?limit=5", "/v1/contacts/550e8400-e29b-41d4-a716-446655440000", "/v1/jobs",
                           "/v1/jobs/job_prod_test"}) {
    const std::string target = path;
    const HttpAnswer first = client_.Get(target, kProd);
    ASSERT_EQ(first.status, 200);
    const std::string etag = first.Header("etag");
    HttpClient::Headers conditional = kProd;
    conditional.emplace_back("If-None-Match", etag);
    const HttpAnswer second = client_.Get(target, conditional);
    EXPECT_EQ(second.status, 304) << target;
    EXPECT_TRUE(second.body.empty());
    EXPECT_EQ(second.Header("etag"), etag);

    AddContact(++newcomers);
    EXPECT_EQ(client_.Get(target, conditional).status, 200) << target;
  }
}

TEST_F(ApiTest, NeverAnswersNotModifiedForWhatDoesNotExist) {
  HttpClient::Headers any = kProd;
  any.emplace_back("If-None-Match", "*");
  EXPECT_EQ(client_.Get("/v1/contacts/00000000-0000-4000-8000-000000000009", any).status, 404);
  EXPECT_EQ(client_.Get("/v1/jobs/job_none", any).status, 404);
  EXPECT_EQ(client_.Get(std::string(kContact), any).status, 304);
}

TEST_F(ApiTest, KeepsFilesOutOfEveryCache) {
  HttpClient::Headers any = kProd;
  any.emplace_back("If-None-Match", "*");
  const HttpAnswer answer = client_.Get("/v1/jobs/job_prod_test/files", any);
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.Header("cache-control"), "private, max-age=0, no-store");
  EXPECT_EQ(answer.Header("pragma"), "no-cache");
  EXPECT_FALSE(answer.Has("etag"));
}

TEST_F(ApiTest, AnswersAnotherTenantsIdLikeOneThatNeverWas) {
  const auto foreign = Json(std::string(kContact), 404, kOther);
  EXPECT_EQ(foreign.at("title"), "Not Found");
  EXPECT_EQ(foreign.at("code"), "NOT_FOUND");
  EXPECT_EQ(foreign.at("detail"), "Contact not found");
  const auto unknown = Json("/v1/contacts/00000000-0000-4000-8000-000000000009", 404, kOther);
  EXPECT_EQ(unknown.at("detail"), foreign.at("detail"));
}

TEST_F(ApiTest, PagesByOffsetSayWhatTheyAre) {
  const auto past = Json("/v1/contacts?offset=1000000000&limit=10");
  EXPECT_EQ(past.at("data").size(), 0u);
  EXPECT_EQ(past.at("total"), 1247);
  EXPECT_EQ(past.at("offset"), 1000000000);
  EXPECT_FALSE(past.at("has_more"));
  const auto last = Json("/v1/contacts?offset=1240&limit=10");
  EXPECT_EQ(last.at("data").size(), 7u);
  EXPECT_FALSE(last.at("has_more"));
  const HttpAnswer middle = client_.Get("/v1/contacts?offset=100&limit=10&sort=name", kProd);
  EXPECT_EQ(Link(middle, "first"), "/v1/contacts?sort=name&limit=10");
  EXPECT_EQ(Link(middle, "prev"), "/v1/contacts?sort=name&limit=10&offset=90");
  EXPECT_EQ(Link(middle, "last"), "/v1/contacts?sort=name&limit=10&offset=1240");
  EXPECT_NE(Link(middle, "next").find("&cursor="), std::string::npos);
}

TEST_F(ApiTest, RefusesWhatAListCannotMean) {
  const HttpAnswer page = client_.Get("/v1/contacts?limit=3&sort=name", kProd);
  const std::string next = Link(page, "next");
  const std::string cursor = next.substr(next.find("cursor="));
  const struct {
    std::string target;
    std::string parameter;
  } cases[] = {
      {"/v1/contacts?limit=0", "limit"},
      {"/v1/contacts?offset=-1", "offset"},
      {"/v1/contacts?sort=phone", "sort"},
      {"/v1/contacts?updated_since=yesterday", "updated_since"},
      {"/v1/contacts?updated_since=2025-01-01T00:00:00Z&sort=name", "sort"},
      {"/v1/contacts?status=pending", "status"},
      {"/v1/contacts?limit=1&limit=1", "limit"},
      {"/v1/contacts?token=prod_token", "token"},
      {"/v1/contacts?cursor=AAAA", "cursor"},
      {"/v1/contacts?" + cursor, "cursor"},  // made for sort=name
      {"/v1/contacts?sort=name&offset=0&" + cursor, "cursor"},
      {"/v1/jobs?status=done", "status"},
      {"/v1/jobs?kind=photo", "kind"},
      {"/v1/jobs/job_prod_test/files?kind=song", "kind"},
      {"/v1/jobs/job_prod_test/files?disposition=open", "disposition"},
      {"/v1/jobs/job_prod_test?x=1", "x"},
      {"/v1/health?x=1", "x"},
  };
  for (const auto& c : cases) {
    const auto problem = Json(c.target, 400);
    EXPECT_EQ(problem.at("code"), "VALIDATION_ERROR") << c.target;
    ASSERT_EQ(problem.at("errors").size(), 1u) << problem;
    EXPECT_EQ(problem.at("errors")[0].at("parameter"), c.parameter) << c.target;
  }
}

TEST_F(ApiTest, HealthNamesTheTraceAndNeedsNoToken) {
  const auto health = Json("/v1/health", 200, {{"X-Trace-Id", "final-test-001"}});
  EXPECT_EQ(health.at("status"), "healthy");
  EXPECT_EQ(health.at("version"), "1.0.0");
  EXPECT_EQ(health.at("traceId"), "final-test-001");
  EXPECT_TRUE(health.at("circuitBreakers").empty());
  EXPECT_EQ(client_.Get("/v1/health", {{"Authorization", "Bearer nonsense"}}).status, 401);
}

TEST_F(ApiTest, HeadSaysWhatGetWouldSay) {
  for (const std::string target :
       {"/v1/jobs?limit=3", "/v1/jobs/job_prod_test", "/errors/not-found", "/v1/openapi.json"}) {
    const HttpAnswer get = client_.Get(target, kProd);
    const HttpAnswer head = client_.Head(target, kProd);
    EXPECT_EQ(head.status, get.status) << target;
    EXPECT_EQ(head.Header("content-length"), get.Header("content-length")) << target;
    EXPECT_EQ(head.Header("content-type"), get.Header("content-type")) << target;
    EXPECT_TRUE(head.body.empty());
  }
}

}  // namespace
}  // namespace portal
