#include "http/stages/cors.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace portal::http::stages {
namespace {

using enum OriginVerdict;

Request From(std::vector<std::string_view> origins, std::string_view host = "portal.test", bool secure = false) {
  Request request;
  request.head.method = Method::kGet;
  request.head.host = host;
  request.secure = secure;
  request.head.fields.push_back({"Host", host});
  for (const std::string_view origin : origins) request.head.fields.push_back({"oRIGIN", origin});
  return request;
}

TEST(CorsPolicy, AllowsTheListedOriginsAndNoLookalike) {
  const CorsPolicy policy({"https://app.example.com", "http://localhost:5173"}, "");
  const struct {
    std::string_view origin;
    OriginVerdict verdict;
  } cases[] = {
      {"https://app.example.com", kAllowed},
      {"http://localhost:5173", kAllowed},
      // one end is right
      {"https://app.example.com.evil.test", kDenied},
      {"https://app.example.comm", kDenied},
      {"https://evil-app.example.com", kDenied},
      {"https://evil.app.example.com", kDenied},
      {"https://example.com", kDenied},
      {"https://evil.test/https://app.example.com", kDenied},
      {"https://evil.test#https://app.example.com", kDenied},
      {"ttps://app.example.com", kDenied},
      {"https://app.example.co", kDenied},
      // the dots are dots
      {"https://appxexample.com", kDenied},
      // browsers write it in one way only
      {"https://APP.example.com", kDenied},
      {"HTTPS://app.example.com", kDenied},
      {"https://app.example.com:443", kDenied},
      {"https://app.example.com/", kDenied},
      {"https://app.example.com.", kDenied},
      {"https://app.example.com?", kDenied},
      // another port or scheme
      {"https://app.example.com:8443", kDenied},
      {"http://app.example.com", kDenied},
      {"ws://app.example.com", kDenied},
      {"http://localhost", kDenied},
      {"http://localhost:51730", kDenied},
      {"http://localhost:517", kDenied},
      {"http://127.0.0.1:5173", kDenied},
      // userinfo
      {"https://app.example.com@evil.test", kDenied},
      {"https://app.example.com:x@evil.test", kDenied},
      {"https://user@app.example.com", kDenied},
      // names that look alike
      {"https://xn--pp-8kc.example.com", kDenied},
      {"https://\xd0\xb0pp.example.com", kDenied},
      {"https://app\xe3\x80\x82"
       "example.com",
       kDenied},
      // no origin at all
      {"null", kDenied},
      {"NULL", kDenied},
      {"", kDenied},
      {"*", kDenied},
      {"https://", kDenied},
      {"file://", kDenied},
      {"https://app.example.com https://evil.test", kDenied},
      {"https://app.example.com,https://evil.test", kDenied},
  };
  for (const auto& c : cases) EXPECT_EQ(policy.Judge(From({c.origin})), c.verdict) << c.origin;
  EXPECT_EQ(policy.Judge(From({})), kNone);
  EXPECT_EQ(policy.Judge(From({"https://app.example.com", "https://evil.test"})), kDenied);
  EXPECT_EQ(policy.Judge(From({"https://app.example.com", "https://app.example.com"})), kDenied);
}

TEST(CorsPolicy, AllowsThePortalsOwnOrigin) {
  const struct {
    std::string_view origin, host;
    bool secure;
    OriginVerdict verdict;
  } cases[] = {
      {"http://portal.test", "portal.test", false, kAllowed},
      {"https://portal.test", "portal.test", true, kAllowed},
      {"http://portal.test:3000", "portal.test:3000", false, kAllowed},
      {"http://127.0.0.1:3000", "127.0.0.1:3000", false, kAllowed},
      {"http://[::1]:3000", "[::1]:3000", false, kAllowed},
      {"http://portal.test", "PORTAL.test", false, kAllowed},
      {"http://portal.test", "portal.test:80", false, kAllowed},
      {"https://portal.test", "portal.test:443", true, kAllowed},
      // a proxy in front speaks TLS
      {"https://portal.test", "portal.test", false, kAllowed},
      // but whoever came by TLS has not come from a page without
      {"http://portal.test", "portal.test", true, kDenied},
      {"http://portal.test", "portal.test:3000", false, kDenied},
      {"http://portal.test:3000", "portal.test", false, kDenied},
      {"http://portal.test:443", "portal.test", false, kDenied},
      {"http://portal.test.", "portal.test", false, kDenied},
      {"http://portal.test/", "portal.test", false, kDenied},
      {"http://a@portal.test", "portal.test", false, kDenied},
      {"http://evil.portal.test", "portal.test", false, kDenied},
      {"http://portal.test.evil.test", "portal.test", false, kDenied},
      {"ftp://portal.test", "portal.test", false, kDenied},
      {"portal.test", "portal.test", false, kDenied},
      {"http://", "", false, kDenied},
      {"null", "null", false, kDenied},
  };
  const CorsPolicy policy({}, "");
  for (const auto& c : cases) {
    EXPECT_EQ(policy.Judge(From({c.origin}, c.host, c.secure)), c.verdict) << c.origin << " at " << c.host;
  }
}

TEST(CorsPolicy, AllowsTheOriginOfThePublicUrlWhateverHostAProxyAsksFor) {
  for (const std::string_view public_url : {"https://portal.example.com", "https://Portal.example.com:443"}) {
    const CorsPolicy policy({}, public_url);
    EXPECT_EQ(policy.Judge(From({"https://portal.example.com"}, "127.0.0.1:3000")), kAllowed) << public_url;
    EXPECT_EQ(policy.Judge(From({"http://portal.example.com"}, "127.0.0.1:3000")), kDenied) << public_url;
    EXPECT_EQ(policy.Judge(From({"https://portal.example.com:8443"}, "127.0.0.1:3000")), kDenied) << public_url;
  }
}

}  // namespace
}  // namespace portal::http::stages
