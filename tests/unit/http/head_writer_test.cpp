#include "http/head_writer.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

namespace portal::http {
namespace {

constexpr base::WallTime kNow{std::chrono::milliseconds{1'756'778'723'456}};  // Tue, 02 Sep 2025 02:05:23.456 GMT

Request SomeRequest() {
  Request request;
  request.request_id.Assign("r-1");
  request.trace_id.Assign("t-1");
  return request;
}

std::string Write(const Request& request, const Response& response, bool close = false) {
  std::string out;
  WriteHead(request, response, kNow, close, out);
  return out;
}

const std::string kAlways =
    "Date: Tue, 02 Sep 2025 02:05:23 GMT\r\n"
    "X-Request-Id: r-1\r\n"
    "X-Trace-Id: t-1\r\n"
    "X-Content-Type-Options: nosniff\r\n"
    "X-Frame-Options: DENY\r\n"
    "Referrer-Policy: no-referrer\r\n";
const std::string kDefaultPolicy = "Content-Security-Policy: default-src 'none'; frame-ancestors 'none'\r\n";

TEST(HeadWriter, WritesExactlyTheseBytes) {
  Response response;
  response.body = "{}";
  EXPECT_EQ(Write(SomeRequest(), response), "HTTP/1.1 200 OK\r\n" + kAlways + kDefaultPolicy +
                                                "Content-Type: application/json; charset=utf-8\r\n"
                                                "Content-Length: 2\r\n\r\n");
}

TEST(HeadWriter, LetsAllowedPagesReadAndTellsCachesThatPagesDiffer) {
  constexpr std::string_view kVary = "\r\nVary: Origin\r\n";
  constexpr std::string_view kAllow = "\r\nAccess-Control-Allow-Origin: https://app.test\r\n";
  constexpr std::string_view kExpose =
      "\r\nAccess-Control-Expose-Headers: X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset, "
      "RateLimit-Policy, RateLimit, Retry-After, ETag, Link, X-Request-Id, X-Trace-Id\r\n";
  const struct {
    OriginVerdict verdict;
    bool varies, may_read;
  } cases[] = {{OriginVerdict::kUnasked, false, false},
               {OriginVerdict::kNone, true, false},
               {OriginVerdict::kAllowed, true, true},
               {OriginVerdict::kDenied, true, false}};
  for (const auto& c : cases) {
    Request request = SomeRequest();
    request.head.fields.push_back({"origin", "https://app.test"});
    request.origin = c.verdict;
    const std::string head = Write(request, Response{});
    EXPECT_EQ(head.find(kVary) != std::string::npos, c.varies);
    EXPECT_EQ(head.find(kAllow) != std::string::npos, c.may_read);
    EXPECT_EQ(head.find(kExpose) != std::string::npos, c.may_read);
    EXPECT_EQ(head.find("Access-Control") != std::string::npos, c.may_read) << head;
  }
}

TEST(HeadWriter, PromisesNoLengthOfWhatIsStreamed) {
  Response response;
  response.streamed = true;
  const std::string before = kAlways + kDefaultPolicy + "Content-Type: application/json; charset=utf-8\r\n";
  EXPECT_EQ(Write(SomeRequest(), response), "HTTP/1.1 200 OK\r\n" + before + "Transfer-Encoding: chunked\r\n\r\n");
  Request old = SomeRequest();
  old.head.minor_version = 0;
  EXPECT_EQ(Write(old, response, true), "HTTP/1.1 200 OK\r\n" + before + "Connection: close\r\n\r\n");
}

TEST(HeadWriter, WritesTheResponsesOwnFieldsInOrderAndItsOwnPolicy) {
  Response response;
  response.status = 206;
  response.content_type_storage = "image/png";
  response.content_security_policy = "default-src 'none'; sandbox";
  response.file = FileRegion{base::UniqueFd{}, 10, 12'345'678'901};
  response.Add("ETag", "\"a\"");
  response.Add("Link", "<x>; rel=\"next\"");
  Request request = SomeRequest();
  request.secure = true;
  EXPECT_EQ(Write(request, response, true), "HTTP/1.1 206 Partial Content\r\n" + kAlways +
                                                "Content-Security-Policy: default-src 'none'; sandbox\r\n"
                                                "Strict-Transport-Security: max-age=31536000\r\n"
                                                "Content-Type: image/png\r\n"
                                                "Content-Length: 12345678901\r\n"
                                                "ETag: \"a\"\r\n"
                                                "Link: <x>; rel=\"next\"\r\n"
                                                "Connection: close\r\n\r\n");
}

TEST(HeadWriter, GivesNoLengthToAnswersThatCannotHaveABody) {
  for (const auto& [status, line] : std::vector<std::pair<int, std::string>>{{204, "HTTP/1.1 204 No Content\r\n"},
                                                                             {304, "HTTP/1.1 304 Not Modified\r\n"}}) {
    Response response;
    response.status = status;
    response.content_type = {};
    EXPECT_EQ(Write(SomeRequest(), response), line + kAlways + kDefaultPolicy + "\r\n");
  }
}

TEST(HeadWriter, GivesHeadTheSameHeadAsGet) {
  Response response;
  response.body = "twelve bytes";
  Request request = SomeRequest();
  request.head.method = Method::kGet;
  const std::string get = Write(request, response);
  request.head.method = Method::kHead;
  EXPECT_EQ(Write(request, response), get);
}

TEST(HeadWriter, DropsAFieldThatWouldSplitTheHead) {
  for (const std::string& value : {std::string("a\r\nSet-Cookie: b"), std::string("a\nb"), std::string("a\rb"),
                                   std::string("a\0b", 3), std::string("\n")}) {
    Response response;
    response.Add("X-Before", "1");
    response.Add("X-Bad", value);
    response.Add("X-After", "2");
    const std::string head = Write(SomeRequest(), response);
    EXPECT_EQ(head.find("X-Bad"), std::string::npos);
    EXPECT_TRUE(head.ends_with("X-Before: 1\r\nX-After: 2\r\n\r\n")) << head;
  }
}

TEST(HeadWriter, TellsAnOldClientThatTheConnectionStays) {
  Request request = SomeRequest();
  request.head.minor_version = 0;
  EXPECT_TRUE(Write(request, {}).ends_with("Connection: keep-alive\r\n\r\n"));
  EXPECT_TRUE(Write(request, {}, true).ends_with("Connection: close\r\n\r\n"));
  EXPECT_EQ(Write(request, {}, true).find("keep-alive"), std::string::npos);
}

TEST(HeadWriter, FollowsTheClockFromSecondToSecond) {
  const auto date_at = [](base::WallTime now) {
    std::string out;
    WriteHead(SomeRequest(), {}, now, false, out);
    return out.substr(out.find("Date: ") + 6, 29);
  };
  EXPECT_EQ(date_at(kNow), "Tue, 02 Sep 2025 02:05:23 GMT");
  EXPECT_EQ(date_at(kNow + std::chrono::milliseconds(543)), "Tue, 02 Sep 2025 02:05:23 GMT");
  EXPECT_EQ(date_at(kNow + std::chrono::milliseconds(544)), "Tue, 02 Sep 2025 02:05:24 GMT");
  EXPECT_EQ(date_at(kNow), "Tue, 02 Sep 2025 02:05:23 GMT");
}

TEST(HeadWriter, AppendsToWhatIsThere) {
  std::string out = "before";
  WriteHead(SomeRequest(), {}, kNow, false, out);
  EXPECT_EQ(out, "before" + Write(SomeRequest(), {}));
}

TEST(HeadWriter, HasAPhraseForEveryStatusOfTheContract) {
  for (const int status : {200, 204, 206, 304, 400, 401, 403, 404, 405, 406, 408, 409, 411,
                           412, 413, 414, 415, 416, 417, 429, 431, 500, 501, 503, 505, 507}) {
    Response response;
    response.status = status;
    const std::string head = Write(SomeRequest(), response);
    const std::string start = "HTTP/1.1 " + std::to_string(status) + " ";
    EXPECT_TRUE(head.starts_with(start));
    EXPECT_NE(head[start.size()], '\r') << status;
  }
}

}  // namespace
}  // namespace portal::http
