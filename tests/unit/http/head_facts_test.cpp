#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "head_text.h"
#include "http/head_parser.h"

// What the parser says of a head, accepted or refused. Which heads it accepts is in head_parser_test.cpp.
namespace portal::http {
namespace {

using base::ErrorCode;
using head_text::Describe;
using head_text::Line;
using head_text::With;

TEST(HeadParser, TakesTheTargetApart) {
  struct Case {
    std::string line, path, query, host;
  };
  const std::vector<Case> cases{
      {"GET / HTTP/1.1", "/", "", "a"},
      {"GET /x/y?z=1?2 HTTP/1.1", "/x/y", "z=1?2", "a"},
      {"GET /x? HTTP/1.1", "/x", "", "a"},
      {"OPTIONS * HTTP/1.1", "*", "", "a"},
      {"GET http://b:81/x?y HTTP/1.1", "/x", "y", "b:81"},
      {"GET https://b HTTP/1.1", "/", "", "b"},
      {"GET http://b?y/z HTTP/1.1", "/", "y/z", "b"},
      {"OPTIONS http://b:81 HTTP/1.1", "*", "", "b:81"},
      {"OPTIONS http://b/ HTTP/1.1", "/", "", "b"},
      {"OPTIONS http://b? HTTP/1.1", "/", "", "b"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.line);
    const std::string request = Line(c.line);
    Head head;
    ASSERT_TRUE(std::holds_alternative<Complete>(HeadParser().Parse(request, head)));
    EXPECT_EQ(head.path, c.path);
    EXPECT_EQ(head.query, c.query);
    EXPECT_EQ(head.host, c.host);
    EXPECT_EQ(head.target, c.line.substr(c.line.find(' ') + 1, head.target.size()));
  }
}

TEST(HeadParser, SaysWhetherTheConnectionLivesOn) {
  struct Case {
    std::string request;
    bool keep_alive;
  };
  const std::vector<Case> cases{
      {With(""), true},
      {With("Connection: close\r\n"), false},
      {With("Connection: CLOSE\r\n"), false},
      {With("connection: a,\t close ,b\r\n"), false},
      {With("Connection: keep-alive\r\nConnection: close\r\n"), false},
      {With("Connection: closed\r\n"), true},
      {"GET / HTTP/1.0\r\n\r\n", false},
      {"GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", true},
      {"GET / HTTP/1.0\r\nConnection: keep-alive, close\r\n\r\n", false},
  };
  for (const Case& c : cases) {
    Head head;
    ASSERT_TRUE(std::holds_alternative<Complete>(HeadParser().Parse(c.request, head)));
    EXPECT_EQ(head.keep_alive, c.keep_alive) << c.request;
  }
}

TEST(HeadParser, SaysWhetherABodyFollows) {
  struct Case {
    std::string fields;
    bool has_body;
    bool chunked;
    std::optional<std::uint64_t> length;
  };
  const std::vector<Case> cases{
      {"", false, false, std::nullopt},
      {"Content-Length: 0\r\n", false, false, 0},
      {"Content-Length: 1\r\n", true, false, 1},
      {"Transfer-Encoding: chunked\r\n", true, true, std::nullopt},
      {"Content-Length: 1\r\nExpect: 100-continue\r\n", true, false, 1},
  };
  for (const Case& c : cases) {
    const std::string request = With(c.fields);
    Head head;
    ASSERT_TRUE(std::holds_alternative<Complete>(HeadParser().Parse(request, head)));
    EXPECT_EQ(head.has_body, c.has_body) << c.fields;
    EXPECT_EQ(head.chunked, c.chunked) << c.fields;
    EXPECT_EQ(head.content_length, c.length) << c.fields;
  }
}

TEST(HeadParser, TrimsValuesAndFindsFieldsWhateverTheirCase) {
  const std::string request = With("X-Thing: \t a b \t\r\nx-thing: second\r\nEmpty:\r\n");
  Head head;
  ASSERT_TRUE(std::holds_alternative<Complete>(HeadParser().Parse(request, head)));
  EXPECT_EQ(head.Find("x-THING"), "a b");
  EXPECT_EQ(head.Find("empty"), "");
  EXPECT_EQ(head.Find("x-thin"), std::nullopt);
  EXPECT_EQ(head.fields.size(), 4u);
}

TEST(HeadParser, KeepsWhatItUnderstoodOfARefusedHead) {
  const std::vector<std::string> requests{
      "GET /x HTTP/3.0\r\nX-Request-Id: mine\r\n\r\n",
      "GET /x HTTP/1.1\r\nX-Request-Id: mine\r\n folded\r\n\r\n",
      "GET /x HTTP/1.1\r\nX-Request-Id: mine\r\nHost: a\n",
      "GET /x HTTP/1.1\r\nX-Request-Id: mine\r\nX: " + std::string(40'000, 'x'),
  };
  for (const std::string& request : requests) {
    Head head;
    ASSERT_TRUE(std::holds_alternative<Refusal>(HeadParser().Parse(request, head)));
    EXPECT_EQ(head.method, Method::kGet);
    EXPECT_EQ(head.Find("X-Request-Id"), "mine") << request.substr(0, 100);
  }
}

TEST(HeadParser, KnowsTheMethodOfALineThatItRefuses) {
  const std::string requests[] = {
      "HEAD /x\r\n",
      "HEAD /x HTTP/1.1\n",
      "HEAD /" + std::string(8192, 'a'),
      "HEAD /x HTTP/9.9\r\n\r\n",
      "HEAD  /x HTTP/1.1\r\n\r\n",
  };
  for (const std::string& request : requests) {
    Head head;
    ASSERT_TRUE(std::holds_alternative<Refusal>(HeadParser().Parse(request, head))) << request.substr(0, 100);
    EXPECT_EQ(head.method, Method::kHead) << request.substr(0, 100);
  }
}

TEST(HeadParser, ReadsWhatAnUnfinishedHeadSaysSoFar) {
  const struct {
    std::string request;
    Method method;
    std::size_t fields;
  } cases[] = {
      {"", Method::kOther, 0},
      {"HEA", Method::kOther, 0},
      {"HEAD ", Method::kHead, 0},
      {"\r\nHEAD /x HTTP/1.1", Method::kHead, 0},
      {"HEAD /x HTTP/1.1\r\nX-Request-Id: mine", Method::kHead, 0},
      {"HEAD /x HTTP/1.1\r\nX-Request-Id: mine\r\n", Method::kHead, 1},
      {"HEAD /x HTTP/1.1\r\nX-Request-Id: mine\r\n\r", Method::kHead, 1},
  };
  for (const auto& c : cases) {
    HeadParser parser;
    Head head;
    ASSERT_TRUE(std::holds_alternative<NeedMore>(parser.Parse(c.request, head))) << c.request;
    parser.ReadSoFar(c.request, head);
    EXPECT_EQ(head.method, c.method) << c.request;
    EXPECT_EQ(head.fields.size(), c.fields) << c.request;
    EXPECT_EQ(head.Find("x-request-id").value_or(""), c.fields > 0 ? "mine" : "") << c.request;
  }
}

TEST(HeadParser, ForgetsTheHeadBefore) {
  const std::string first = "POST http://b/x?y HTTP/1.0\r\nContent-Length: 1\r\nExpect: x\r\n\r\n";
  const std::string second = Line("GET / HTTP/1.1");
  HeadParser parser;
  Head head;
  ASSERT_TRUE(std::holds_alternative<Complete>(parser.Parse(first, head)));
  parser.Reset();
  ASSERT_TRUE(std::holds_alternative<Complete>(parser.Parse(second, head)));
  Head fresh;
  ASSERT_TRUE(std::holds_alternative<Complete>(HeadParser().Parse(second, fresh)));
  EXPECT_EQ(Describe(head), Describe(fresh));
}

}  // namespace
}  // namespace portal::http
