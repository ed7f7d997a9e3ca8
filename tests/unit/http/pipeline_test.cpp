#include "http/pipeline.h"

#include <gtest/gtest.h>

#include <map>
#include <stdexcept>
#include <string>

#include "crypto/sodium.h"
#include "support/manual_clock.h"

namespace portal::http {
namespace {

using base::ErrorCode;

/// Knows a token of each kind; what it says of signed URLs depends on the target.
class FewTokens final : public Authenticator {
 public:
  base::Result<Identity> CheckBearer(base::WorkerId, std::string_view token, base::WallTime) override {
    if (token == "good") return Identity{base::TenantId(1), base::ClientId("client")};
    if (token == "admin") return Identity{{}, {}, model::kAdminScope};
    if (token == "writer") return Identity{base::TenantId(1), base::ClientId("client"), model::kWriteScope};
    if (token == "silent") return base::Fail(ErrorCode::kUnavailable, "The store cannot be read");
    if (token == "circuit") return base::Fail(ErrorCode::kCircuitOpen, "The circuit is open");
    return base::Fail(ErrorCode::kInvalidToken, "The bearer token is not valid");
  }
  base::Result<Identity> CheckScraper(base::WorkerId worker, std::string_view token, base::WallTime now) override {
    if (token == "scraper") return Identity{{}, {}, model::kMetricsScope};
    return CheckBearer(worker, token, now);
  }
  base::Result<FileGrant> CheckSignedUrl(base::WorkerId, std::string_view target, base::WallTime) override {
    if (target != "/files/x?signature=1") return base::Fail(ErrorCode::kSignatureInvalid, "Not signed");
    return FileGrant{};
  }
};

class PipelineTest : public ::testing::Test {
 protected:
  PipelineTest() { crypto::Initialize(); }

  std::optional<Response> Answer(Request& request) {
    pipeline_.Admit(request);
    return pipeline_.Answer(request);
  }
  Request Get(std::string_view path, std::vector<HeaderField> fields = {}) {
    Request request;
    request.head.method = Method::kGet;
    request.head.path = path.substr(0, path.find('?'));
    request.head.query =
        path.find('?') == std::string_view::npos ? std::string_view{} : path.substr(path.find('?') + 1);
    request.head.target = path;
    request.head.host = "portal.test";
    request.head.fields = std::move(fields);
    return request;
  }

  static base::Result<Response> Hello(const Request&) {
    Response response;
    response.body = "hello";
    return response;
  }

  int counted_ = 0;
  testing::ManualClock clock_;
  base::Logger logger_{clock_, -1, base::LogLevel::kOff};
  FewTokens authenticator_;
  RateLimits limits_{clock_, {}};
  Router router_{std::vector<Route>{
      {"/public", RouteAccess::kPublic, Hello},
      {"/optional", RouteAccess::kOptionalBearer, Hello},
      {"/bearer", RouteAccess::kBearer, Hello},
      {"/scraper", RouteAccess::kScraper, Hello},
      {"/files/x", RouteAccess::kSignedUrl, Hello},
      {"/counted", RouteAccess::kPublic,
       [this](const Request& request) {
         ++counted_;
         return Hello(request);
       }},
      {"/bug", RouteAccess::kPublic,
       [](const Request&) -> base::Result<Response> { throw std::runtime_error("the secret of the bug"); }},
      {"/slow", RouteAccess::kPublic,
       [](const Request& request) -> base::Result<Response> {
         if (request.budget == ReadBudget::kLoop) return base::Fail(ErrorCode::kOverBudget, "slow");
         return Hello(request);
       }},
  }};
  RequestLog log_{logger_, false};
  Pipeline pipeline_{router_, authenticator_, limits_,
                     clock_,  log_,           {.public_url = {}, .allowed_origins = {"https://app.test"}}};
};

TEST_F(PipelineTest, MeasuresEachRequestOnceByItsRouteAndMethod) {
  for (const std::string_view path : {"/public", "/public", "/bearer", "/bug", "/nowhere"}) {
    Request request = Get(path);
    ASSERT_TRUE(Answer(request));
  }
  Request options = Get("/public");
  options.head.method = Method::kOptions;
  ASSERT_TRUE(Answer(options));
  Request unknown = Get("/public");
  unknown.head.method = Method::kOther;
  ASSERT_TRUE(Answer(unknown));
  Request slow = Get("/slow");
  ASSERT_FALSE(Answer(slow));
  slow.budget = ReadBudget::kUnbounded;
  slow.worker = base::WorkerId{1};
  ASSERT_TRUE(pipeline_.Answer(slow));
  Request declined = Get("/slow");
  ASSERT_FALSE(Answer(declined));
  pipeline_.Decline(declined, {ErrorCode::kUnavailable, "busy"});
  Request refused;
  pipeline_.Admit(refused);
  pipeline_.Refuse(refused, {ErrorCode::kBadRequest, "no"});

  const metrics::RequestReading reading = pipeline_.requests().Read();
  std::map<std::string, std::string> seen;
  for (const metrics::RequestSeries& series : reading.series) {
    if (series.total() == 0) continue;
    std::string& classes = seen[reading.methods[series.method] + " " + reading.endpoints[series.endpoint]];
    for (const std::uint64_t count : series.by_class) classes += std::to_string(count);
  }
  const std::map<std::string, std::string> expected = {
      {"GET /public", "02000"}, {"OPTIONS /public", "01000"}, {"other /public", "00010"}, {"GET /bearer", "00010"},
      {"GET /bug", "00001"},    {"GET /slow", "01001"},       {"GET other", "00010"},     {"other other", "00010"},
  };
  EXPECT_EQ(seen, expected);
}

TEST_F(PipelineTest, AnswersWithTheStatusThatEachStageDecides) {
  const HeaderField good{"Authorization", "Bearer good"};
  const HeaderField bad{"authorization", "bearer bad"};
  const HeaderField basic{"Authorization", "Basic Zm9vOmJhcg=="};
  const HeaderField silent{"Authorization", "Bearer silent"};
  const HeaderField circuit{"Authorization", "Bearer circuit"};
  const HeaderField admin{"Authorization", "Bearer admin"};
  const HeaderField writer{"Authorization", "Bearer writer"};
  const HeaderField scraper{"Authorization", "Bearer scraper"};
  const struct {
    std::string_view path;
    std::vector<HeaderField> fields;
    int status;
  } cases[] = {
      {"/public", {}, 200},
      {"/public", {bad}, 200},
      {"/nowhere", {good}, 404},
      {"/optional", {}, 200},
      {"/optional", {good}, 200},
      {"/optional", {bad}, 401},
      {"/optional", {basic}, 401},
      {"/optional", {silent}, 200},
      {"/optional", {circuit}, 200},
      {"/optional", {admin}, 200},
      {"/bearer", {}, 401},
      {"/bearer", {good}, 200},
      {"/bearer", {bad}, 401},
      {"/bearer", {basic}, 401},
      {"/bearer", {{"Authorization", "Bearer"}}, 401},
      {"/bearer", {silent}, 503},
      {"/bearer", {circuit}, 503},
      {"/bearer", {admin}, 403},
      {"/bearer", {writer}, 403},
      {"/scraper", {}, 401},
      {"/scraper", {basic}, 401},
      {"/scraper", {scraper}, 200},
      {"/scraper", {good}, 403},
      {"/scraper", {bad}, 401},
      {"/bearer", {scraper}, 401},
      {"/files/x?signature=1", {}, 200},
      {"/files/x?signature=2", {}, 403},
      {"/files/x", {}, 403},
      {"/files/x?signature=1", {good}, 400},
      {"/bug", {}, 500},
  };
  for (const auto& c : cases) {
    Request request = Get(c.path, c.fields);
    const auto response = Answer(request);
    ASSERT_TRUE(response) << c.path;
    EXPECT_EQ(response->status, c.status) << c.path;
  }
}

TEST_F(PipelineTest, RemembersWhatItAnsweredWith5xxOncePerRequest) {
  Request bug = Get("/bug", {});
  Answer(bug);
  Request silent = Get("/bearer", {{"Authorization", "Bearer silent"}});
  Answer(silent);
  Request slow = Get("/slow", {});
  EXPECT_FALSE(Answer(slow));  // goes on elsewhere
  pipeline_.Decline(slow, {ErrorCode::kUnavailable, "Too many slow requests"});
  Request nowhere = Get("/nowhere", {});
  Answer(nowhere);
  std::vector<std::pair<std::string, int>> seen;
  for (const auto& error : log_.errors().Latest()) seen.emplace_back(error.route, error.status);
  const std::vector<std::pair<std::string, int>> expected = {{"/slow", 503}, {"/bearer", 503}, {"/bug", 500}};
  EXPECT_EQ(seen, expected);
  EXPECT_EQ(log_.errors().Latest().back().detail.find("secret"), std::string::npos);
}

TEST_F(PipelineTest, TakesGetHeadAndOptionsAndNoBodies) {
  enum Body { kNone, kSized, kChunked };
  const struct {
    Method method;
    Body body;
    std::string_view path;
    int status;
    bool allow;
    bool close;
  } cases[] = {
      {Method::kHead, kNone, "/public", 200, false, false},  {Method::kOptions, kNone, "/bearer", 204, true, false},
      {Method::kOptions, kNone, "*", 204, true, false},      {Method::kOptions, kNone, "/nowhere", 404, false, false},
      {Method::kOther, kNone, "/public", 405, true, false},  {Method::kDelete, kNone, "/bearer", 405, true, false},
      {Method::kGet, kSized, "/public", 413, false, true},   {Method::kHead, kSized, "/bearer", 413, false, true},
      {Method::kOptions, kSized, "*", 413, false, true},     {Method::kGet, kSized, "/nowhere", 404, false, true},
      {Method::kPost, kSized, "/public", 405, true, true},   {Method::kPost, kSized, "/nowhere", 404, false, true},
      {Method::kGet, kChunked, "/public", 411, false, true}, {Method::kOptions, kChunked, "*", 411, false, true},
      {Method::kPost, kChunked, "/public", 405, true, true}, {Method::kPost, kChunked, "/nowhere", 404, false, true},
  };
  for (const auto& c : cases) {
    Request request = Get(c.path);
    request.head.method = c.method;
    request.head.has_body = c.body != kNone;
    request.head.chunked = c.body == kChunked;
    const auto response = Answer(request);
    ASSERT_TRUE(response);
    EXPECT_EQ(response->status, c.status) << c.path;
    EXPECT_EQ(!response->fields.empty() && response->fields.back().name == "Allow", c.allow) << c.path;
    EXPECT_EQ(response->close, c.close) << c.path << " " << c.status;
  }
}

TEST_F(PipelineTest, AsksForAnotherThreadWhenAReadIsTooSlowForTheLoop) {
  Request request = Get("/slow");
  EXPECT_FALSE(Answer(request));
  request.budget = ReadBudget::kUnbounded;
  const auto response = pipeline_.Answer(request);
  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, 200);
}

TEST_F(PipelineTest, NeverShowsWhatABugSaid) {
  Request request = Get("/bug");
  const auto response = Answer(request);
  ASSERT_TRUE(response);
  EXPECT_NE(response->body.find("INTERNAL_ERROR"), std::string::npos);
  EXPECT_EQ(response->body.find("secret"), std::string::npos) << response->body;
}

TEST_F(PipelineTest, PointsToItsProblemPagesWhereTheClientFoundIt) {
  Request request = Get("/nowhere");
  const auto response = Answer(request);
  EXPECT_NE(response->body.find(R"("type":"http://portal.test/errors/not-found")"), std::string::npos)
      << response->body;
}

TEST_F(PipelineTest, DoesNothingForPagesThatAreNotAllowed) {
  const HeaderField good{"Authorization", "Bearer good"};
  const struct {
    Method method;
    std::string_view path;
    std::string_view origin;
    bool asks_first;  // a preflight
    int status;
  } cases[] = {
      {Method::kGet, "/bearer", "https://app.test", false, 200},
      {Method::kGet, "/bearer", "http://portal.test", false, 200},
      {Method::kGet, "/bearer", "https://app.test.evil.test", false, 403},
      {Method::kGet, "/bearer", "null", false, 403},
      {Method::kGet, "/files/x?signature=1", "null", false, 403},
      {Method::kGet, "/nowhere", "https://app.test", false, 404},
      {Method::kGet, "/nowhere", "null", false, 403},
      {Method::kDelete, "/bearer", "https://app.test", false, 405},
      {Method::kDelete, "/bearer", "null", false, 403},
      {Method::kOptions, "*", "https://app.test", false, 204},
      {Method::kOptions, "*", "null", false, 403},
      {Method::kOptions, "/bearer", "https://app.test", true, 204},
      {Method::kOptions, "/files/x", "https://app.test", true, 204},
      {Method::kOptions, "/nowhere", "https://app.test", true, 204},
      {Method::kOptions, "/nowhere", "https://app.test", false, 404},
      {Method::kOptions, "/bearer", "null", true, 403},
      {Method::kGet, "/counted", "https://app.test", false, 200},
      {Method::kGet, "/counted", "https://app.test:444", false, 403},
  };
  for (const auto& c : cases) {
    Request request = Get(c.path, {{"Origin", c.origin}});
    if (c.path.starts_with("/bearer")) request.head.fields.push_back(good);
    if (c.asks_first) request.head.fields.push_back({"Access-Control-Request-Method", "GET"});
    request.head.method = c.method;
    const auto response = Answer(request);
    ASSERT_TRUE(response);
    EXPECT_EQ(response->status, c.status) << c.path << " from " << c.origin;
    const bool has_methods = !response->fields.empty() && response->fields[0].name == "Access-Control-Allow-Methods";
    EXPECT_EQ(has_methods, c.asks_first && c.status == 204) << c.path << " from " << c.origin;
  }
  EXPECT_EQ(counted_, 1) << "the handler ran for the page that may not";
}

TEST_F(PipelineTest, SaysWhichPagesMayReadRefusalsToo) {
  for (const auto& [origin, verdict] : {std::pair{"https://app.test", OriginVerdict::kAllowed},
                                        std::pair{"https://evil.test", OriginVerdict::kDenied}}) {
    Request request = Get("/public", {{"Origin", origin}});
    pipeline_.Admit(request);
    const Response refused = pipeline_.Refuse(request, {ErrorCode::kBadRequest, "no"});
    EXPECT_EQ(refused.status, 400) << "the head's own fault comes first";
    EXPECT_EQ(request.origin, verdict);
  }
}

TEST_F(PipelineTest, KeepsGoodInboundIdsAndMakesNewOnesForTheRest) {
  constexpr std::string_view kParent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
  const std::string long_id(129, 'a');
  const struct {
    std::vector<HeaderField> fields;
    std::string_view request_id;  // empty: a new one
    std::string_view trace_id;    // empty: a new one
  } cases[] = {
      {{}, "", ""},
      {{{"X-Request-Id", "req-1_2.3"}, {"X-Trace-Id", "final-test-001"}}, "req-1_2.3", "final-test-001"},
      {{{"x-request-id", "bad id"}, {"x-trace-id", "a/b"}}, "", ""},
      {{{"X-Request-Id", long_id}}, "", ""},
      {{{"traceparent", kParent}, {"X-Trace-Id", "mine"}}, "", "4bf92f3577b34da6a3ce929d0e0e4736"},
      {{{"traceparent", "00-00000000000000000000000000000000-00f067aa0ba902b7-01"}, {"X-Trace-Id", "mine"}},
       "",
       "mine"},
      {{{"traceparent", "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01"}}, "", ""},
      {{{"traceparent", "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"}}, "", ""},
      {{{"traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-x"}}, "", ""},
      {{{"traceparent", "cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-x"}},
       "",
       "4bf92f3577b34da6a3ce929d0e0e4736"},
  };
  for (const auto& c : cases) {
    Request request = Get("/public", c.fields);
    pipeline_.Admit(request);
    if (c.request_id.empty()) {
      EXPECT_EQ(request.request_id.view().size(), 36u);
      EXPECT_EQ(request.request_id.view()[14], '4') << "a version 4 UUID";
    } else {
      EXPECT_EQ(request.request_id.view(), c.request_id);
    }
    if (c.trace_id.empty()) {
      EXPECT_EQ(request.trace_id.view().size(), 32u);
      EXPECT_EQ(request.trace_id.view().find_first_not_of("0123456789abcdef"), std::string_view::npos);
    } else {
      EXPECT_EQ(request.trace_id.view(), c.trace_id);
    }
  }
}

}  // namespace
}  // namespace portal::http
