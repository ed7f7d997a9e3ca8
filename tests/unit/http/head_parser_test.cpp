#include "http/head_parser.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "head_text.h"

namespace portal::http {
namespace {

using base::ErrorCode;
using head_text::Describe;
using head_text::Line;
using head_text::With;

std::string HostIs(const std::string& host) { return "GET /x HTTP/1.1\r\nHost: " + host + "\r\n\r\n"; }
std::string Repeat(const std::string& text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all += text;
  return all;
}

std::vector<std::string> Accepted() {
  return {
      // Request lines.
      Line("GET / HTTP/1.1"),
      Line("HEAD /a/b?c=d&e HTTP/1.1"),
      Line("OPTIONS * HTTP/1.1"),
      Line("BREW /pot HTTP/1.1"),
      Line("get /x HTTP/1.1"),
      Line("M-SEARCH!#$%&'*+.^_`|~ /x HTTP/1.1"),
      Line("GET /x HTTP/1.2"),
      Line("GET /x HTTP/1.9"),
      Line("GET //x//y HTTP/1.1"),
      Line("GET /? HTTP/1.1"),
      Line("GET /x?a?b/c:d@e HTTP/1.1"),
      Line("GET /%zz HTTP/1.1"),  // decoding is the router's
      Line("GET /{a}|[b]^`\"<>\\ HTTP/1.1"),
      Line("GET /" + std::string(8192 - 14, 'a') + " HTTP/1.1"),
      Line("GET http://b HTTP/1.1"),
      Line("GET http://b/ HTTP/1.1"),
      Line("GET HTTPS://b:8443/x?y HTTP/1.1"),
      Line("GET http://b?y HTTP/1.1"),
      Line("OPTIONS http://b HTTP/1.1"),
      Line("OPTIONS http://b?y HTTP/1.1"),
      Line("GET http://[::1]:80/x HTTP/1.1"),
      "GET /x HTTP/1.0\r\n\r\n",
      "GET /x HTTP/1.0\r\nHost:\r\n\r\n",
      "GET /x HTTP/1.0\r\nHost: a\r\n\r\n",
      "\r\n" + Line("GET / HTTP/1.1"),
      "\r\n\r\n\r\n\r\n" + Line("GET / HTTP/1.1"),
      // Hosts.
      HostIs("example.com"),
      HostIs("example.com:3000"),
      HostIs("example.com:"),
      HostIs("127.0.0.1:65535"),
      HostIs("[::1]"),
      HostIs("[2001:db8::1]:3000"),
      HostIs("[::ffff:127.0.0.1]"),
      HostIs("a_b~c-d.e!$&'()*+,;="),
      HostIs("%41.example"),
      HostIs("a \t "),
      // Fields.
      With("X:\r\n"),
      With("X:1\r\n"),
      With("X: \t 1 \t \r\n"),
      With("X: a b\tc\r\n"),
      With("X: \x80\xff\r\n"),
      With("X: a:b\r\n"),
      With("!#$%&'*+-.^_`|~: 1\r\n"),
      With("X: 1\r\nX: 2\r\nx: 3\r\n"),
      With("Accept: a\r\nAccept: b\r\n"),
      With("If-None-Match: \"a\"\r\nIf-None-Match: \"b\"\r\n"),
      With(Repeat("X: 1\r\n", 99)),
      With("X: " + std::string(32'000, 'v') + "\r\n"),
      With("Connection: keep-alive\r\nConnection: x\r\n"),
      With("Connection: , ,\r\n"),
      // Bodies.
      With("Content-Length: 0\r\n"),
      With("Content-Length: 5\r\n"),
      With("Content-Length: 000005\r\n"),
      With("Content-Length: 9223372036854775807\r\n"),
      With("Transfer-Encoding: chunked\r\n"),
      With("transfer-encoding: \tChunked \r\n"),
      With("Expect: 100-Continue\r\nContent-Length: 5\r\n"),
      With("Expect: 100-continue\r\nExpect: 100-continue\r\n"),
      With("Expect: ,100-continue, 100-continue\r\n"),
      With("Expect:\r\n"),
      "GET /x HTTP/1.0\r\nExpect: anything\r\n\r\n",
      "POST /x HTTP/1.0\r\nContent-Length: 5\r\n\r\n",
  };
}

struct Refused {
  std::string request;
  ErrorCode code = ErrorCode::kBadRequest;
};

std::vector<Refused> RefusedHeads() {
  return {
      // Request lines.
      {Line("GET /x")},
      {Line("GET")},
      {Line("GET  /x HTTP/1.1")},
      {Line("GET /x  HTTP/1.1")},
      {Line("GET /x HTTP/1.1 ")},
      {Line("GET\t/x HTTP/1.1")},
      {Line(" GET /x HTTP/1.1")},
      {Line("G(T /x HTTP/1.1")},
      {Line("G\xc3\x89T /x HTTP/1.1")},
      {Line("GET /x http/1.1")},
      {Line("GET /x HTTP/1")},
      {Line("GET /x HTTP/11")},
      {Line("GET /x HTTP/1.10")},
      {Line("GET /x HTTP/1.x")},
      {Line("GET /x HTP/1.1")},
      {Line("GET /x y HTTP/1.1")},
      {Line("GET /x#y HTTP/1.1")},
      {Line("GET /\x7f HTTP/1.1")},
      {Line("GET /\x01 HTTP/1.1")},
      {Line("GET /\xc3\xa9 HTTP/1.1")},
      {Line(std::string("GET /\0 HTTP/1.1", 15))},
      {Line("GET /\r HTTP/1.1")},
      {Line("GET x HTTP/1.1")},
      {Line("GET ?x HTTP/1.1")},
      {Line("GET * HTTP/1.1")},
      {Line("OPTIONS ** HTTP/1.1")},
      {Line("GET a:80 HTTP/1.1")},
      {Line("GET ftp://a/x HTTP/1.1")},
      {Line("GET http:/x HTTP/1.1")},
      {Line("GET http:///x HTTP/1.1")},
      {Line("GET http://u@b/x HTTP/1.1")},
      {Line("GET http://b:x/ HTTP/1.1")},
      {Line("CONNECT /x HTTP/1.1")},
      {Line("CONNECT a HTTP/1.1")},
      {Line("CONNECT a: HTTP/1.1")},
      {Line("CONNECT a:0 HTTP/1.1")},
      {Line("CONNECT 80 HTTP/1.1")},
      {Line("CONNECT [::1] HTTP/1.1")},
      {Line("CONNECT a:80 HTTP/1.1"), ErrorCode::kNotImplemented},
      {Line("CONNECT [::1]:443 HTTP/1.1"), ErrorCode::kNotImplemented},
      // Other protocols wait after their first line.
      {"GET /x\r\n"},
      {"GET\r\n"},
      {"GET HTTP/1.1\r\n\r\n"},
      {"GET /x HTTP/1.1 \r\n"},
      {"EHLO example.com\r\n"},
      {"GET / HTTP/1.1\rHost: a\r\rGET / HTTP/1.1\r\n"},
      {"SSH-2.0-OpenSSH_9.2\r\n"},
      {Line("GET /x HTTP/2.0"), ErrorCode::kHttpVersion},
      {Line("GET /x HTTP/0.9"), ErrorCode::kHttpVersion},
      {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", ErrorCode::kHttpVersion},
      {Line("GET /" + std::string(8192 - 13, 'a') + " HTTP/1.1"), ErrorCode::kUriTooLong},
      {std::string(8194, 'A'), ErrorCode::kUriTooLong},
      {Repeat("\r\n", 5) + Line("GET / HTTP/1.1")},
      {"\n" + Line("GET / HTTP/1.1")},
      {"\rGET / HTTP/1.1\r\n\r\n"},
      {std::string("\0", 1)},
      {"\x16\x03\x01"},
      // Line ends.
      {"GET / HTTP/1.1\nHost: a\r\n\r\n"},
      {"GET / HTTP/1.1\r\nHost: a\n\r\n"},
      {"GET / HTTP/1.1\r\nHost: a\r\n\n"},
      {"GET / HTTP/1.1\r\nHost: a\r\nX: 1\rY: 2\r\n\r\n"},
      {"GET / HTTP/1.1\r\nHost: a\r\r\n\r\n"},
      // Fields.
      {With("X\r\n")},
      {With(": 1\r\n")},
      {With("X : 1\r\n")},
      {With("X\t: 1\r\n")},
      {With("X Y: 1\r\n")},
      {With("X: 1\r\n folded\r\n")},
      {With("X: 1\r\n\tfolded\r\n")},
      {"GET /x HTTP/1.1\r\n Host: a\r\n\r\n"},
      {With(std::string("X: \0\r\n", 6))},
      {With(std::string("X\0: 1\r\n", 7))},
      {With("X: \x01\r\n")},
      {With("X: \x7f\r\n")},
      {With("X: \x1b[0m\r\n")},
      {With("X\xc3\xa9: 1\r\n")},
      {With("(X): 1\r\n")},
      {With(Repeat("X: 1\r\n", 100)), ErrorCode::kHeadersTooLarge},
      {With("X: " + std::string(32'768, 'v') + "\r\n"), ErrorCode::kHeadersTooLarge},
      {"GET / HTTP/1.1\r\n" + std::string(40'000, 'v'), ErrorCode::kHeadersTooLarge},
      // Hosts.
      {"GET /x HTTP/1.1\r\n\r\n"},
      {HostIs("")},
      {HostIs("a\r\nHost: a")},
      {HostIs("a\r\nhOST: b")},
      {HostIs("a b")},
      {HostIs("a/b")},
      {HostIs("u@a")},
      {HostIs("a:b")},
      {HostIs("a:80:80")},
      {HostIs("a:65536")},
      {HostIs("a:-1")},
      {HostIs(":80")},
      {HostIs("a,b\"")},
      {HostIs("%4")},
      {HostIs("%zz")},
      {HostIs("\xc3\xa9.example")},
      {HostIs("::1")},
      {HostIs("[::1")},
      {HostIs("[::1]80")},
      {HostIs("[::1]x:80")},
      {HostIs("[127.0.0.1]")},
      {HostIs("[fe80::1%25eth0]")},
      {HostIs("[]")},
      {"GET /x HTTP/1.0\r\nHost: a b\r\n\r\n"},
      {"GET http://b/ HTTP/1.1\r\n\r\n"},
      {"GET http://b/ HTTP/1.1\r\nHost: a b\r\n\r\n"},
      // Singletons.
      {With("Content-Length: 0\r\nContent-Length: 0\r\n")},
      {With("Authorization: Bearer a\r\nAuthorization: Bearer a\r\n")},
      {With("Content-Type: a\r\ncontent-type: a\r\n")},
      {With("Range: bytes=0-\r\nRange: bytes=1-\r\n")},
      {With("If-Range: \"a\"\r\nIf-Range: \"a\"\r\n")},
      {With("If-Modified-Since: x\r\nIf-Modified-Since: x\r\n")},
      {With("If-Unmodified-Since: x\r\nIf-Unmodified-Since: x\r\n")},
      {With("Origin: a\r\nOrigin: a\r\n")},
      {With("Referer: a\r\nReferer: a\r\n")},
      {With("User-Agent: a\r\nUser-Agent: a\r\n")},
      {With("Date: a\r\nDate: a\r\n")},
      {With("From: a\r\nFrom: a\r\n")},
      {With("Max-Forwards: 1\r\nMax-Forwards: 1\r\n")},
      {With("Content-Range: a\r\nContent-Range: a\r\n")},
      {With("Content-Location: a\r\nContent-Location: a\r\n")},
      {With("Proxy-Authorization: a\r\nProxy-Authorization: a\r\n")},
      // Bodies.
      {With("Content-Length:\r\n")},
      {With("Content-Length: x\r\n")},
      {With("Content-Length: +5\r\n")},
      {With("Content-Length: -5\r\n")},
      {With("Content-Length: 5, 5\r\n")},
      {With("Content-Length: 5 5\r\n")},
      {With("Content-Length: 0x5\r\n")},
      {With("Content-Length: 5.0\r\n")},
      {With("Content-Length: 9223372036854775808\r\n")},
      {With("Content-Length: 18446744073709551616\r\n")},
      {With("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n")},
      {With("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n")},
      {With("Content-Length: 0\r\nTransfer-Encoding: gzip\r\n")},
      {With("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n")},
      {With("Transfer-Encoding: chunked, chunked\r\n")},
      {With("Transfer-Encoding: chunked, gzip\r\n")},
      {With("Transfer-Encoding:\r\n")},
      {With("Transfer-Encoding: ,chunked\r\n")},
      {With("Transfer-Encoding: chun ked\r\n")},
      {With("Transfer-Encoding: \"chunked\"\r\n")},
      {"POST /x HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"},
      {With("Transfer-Encoding: gzip\r\n"), ErrorCode::kNotImplemented},
      {With("Transfer-Encoding: gzip, chunked\r\n"), ErrorCode::kNotImplemented},
      {With("Transfer-Encoding: identity\r\n"), ErrorCode::kNotImplemented},
      {With("Transfer-Encoding: xchunked\r\n"), ErrorCode::kNotImplemented},
      {With("Transfer-Encoding: chunked;q=1\r\n"), ErrorCode::kNotImplemented},
      {With("Expect: 200-ok\r\n"), ErrorCode::kExpectationFailed},
      {With("Expect: 100-continue, 200-ok\r\n"), ErrorCode::kExpectationFailed},
      {With("Expect: 100-continue\r\nExpect: 200-ok\r\n"), ErrorCode::kExpectationFailed},
      {With("Expect: 100-continue;q=1\r\n"), ErrorCode::kExpectationFailed},
  };
}

TEST(HeadParser, AcceptsWellFormedHeadsToTheirLastByte) {
  for (const std::string& request : Accepted()) {
    Head head;
    EXPECT_EQ(Describe(HeadParser().Parse(request + "GET /next", head)), "complete " + std::to_string(request.size()))
        << request.substr(0, 200);
  }
}

TEST(HeadParser, RefusesWhatCannotBeServedWithTheRightCode) {
  for (const Refused& c : RefusedHeads()) {
    Head head;
    const auto verdict = HeadParser().Parse(c.request, head);
    ASSERT_TRUE(std::holds_alternative<Refusal>(verdict)) << c.request.substr(0, 200) << "\n" << Describe(verdict);
    EXPECT_EQ(std::get<Refusal>(verdict).code, c.code) << c.request.substr(0, 200) << "\n" << Describe(verdict);
    EXPECT_FALSE(std::get<Refusal>(verdict).detail.empty());
  }
}

/// The verdict on `request` when its first `split` bytes are seen alone first.
std::string VerdictInTwoParts(const std::string& request, std::size_t split) {
  HeadParser parser;
  Head head;
  auto verdict = parser.Parse(std::string_view(request).substr(0, split), head);
  if (std::holds_alternative<NeedMore>(verdict)) verdict = parser.Parse(request, head);
  return Describe(verdict) + '\n' + Describe(head);
}

TEST(HeadParser, GivesTheSameVerdictHoweverTheBytesAreSplit) {
  std::vector<std::string> requests = Accepted();
  for (const Refused& refused : RefusedHeads()) requests.push_back(refused.request);
  for (const std::string& request : requests) {
    // The long ones take their time and differ from the others around their limits only.
    const std::size_t step = request.size() > 2000 ? 97 : 1;
    const std::string whole = VerdictInTwoParts(request, request.size());
    for (std::size_t split = 0; split < request.size(); split += step) {
      ASSERT_EQ(VerdictInTwoParts(request, split), whole) << "split at " << split << ": " << request.substr(0, 200);
    }
  }
}

TEST(HeadParser, GivesTheSameVerdictByteByByte) {
  std::vector<std::string> requests = Accepted();
  for (const Refused& refused : RefusedHeads()) requests.push_back(refused.request);
  for (const std::string& request : requests) {
    HeadParser parser;
    Head head;
    HeadParser::Verdict verdict = NeedMore{};
    for (std::size_t size = 1; size <= request.size() && std::holds_alternative<NeedMore>(verdict); ++size) {
      verdict = parser.Parse(std::string_view(request).substr(0, size), head);
    }
    ASSERT_EQ(Describe(verdict) + '\n' + Describe(head), VerdictInTwoParts(request, request.size()))
        << request.substr(0, 200);
  }
}

TEST(HeadParser, WaitsForTheRestOfEveryBeginning) {
  for (const std::string& request : Accepted()) {
    Head head;
    const std::string beginning = request.substr(0, request.size() - 1);
    EXPECT_EQ(Describe(HeadParser().Parse(beginning, head)), "need more") << request.substr(0, 200);
  }
}

TEST(HeadParser, KeepsToTheLimitsItIsGiven) {
  struct Case {
    HeadLimits limits;
    std::string verdict;
  };
  const std::string request = "GET /x HTTP/1.1\r\nHost: a\r\nX: 1\r\n\r\n";  // 15 bytes, 2 fields, 34 bytes
  ASSERT_EQ(request.size(), 34u);
  const auto refused = [](ErrorCode code) { return "refused " + std::to_string(static_cast<int>(code)); };
  const std::vector<Case> cases{
      {{15, 34, 2}, "complete 34"},
      {{14, 34, 2}, refused(ErrorCode::kUriTooLong)},
      {{15, 33, 2}, refused(ErrorCode::kHeadersTooLarge)},
      {{15, 34, 1}, refused(ErrorCode::kHeadersTooLarge)},
  };
  for (const Case& c : cases) {
    Head head;
    const std::string verdict = Describe(HeadParser(c.limits).Parse(request, head));
    EXPECT_EQ(verdict.substr(0, c.verdict.size()), c.verdict);
  }
}

}  // namespace
}  // namespace portal::http
