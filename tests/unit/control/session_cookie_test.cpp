#include "control/session_cookie.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace portal::control {
namespace {

using http::Method;

http::Request RequestWith(std::vector<http::HeaderField> fields, Method method = Method::kGet, bool secure = false) {
  http::Request request;
  request.head.method = method;
  request.head.host = "127.0.0.1:3001";
  request.head.fields = std::move(fields);
  request.secure = secure;
  return request;
}

TEST(SessionCookie, IsFoundAmongOthersByItsExactName) {
  struct Case {
    std::string_view field;
    bool secure;
    std::optional<std::string_view> secret;
  };
  constexpr Case kCases[] = {
      {"portal=abc", false, "abc"},
      {"theme=dark; portal=abc; other=1", false, "abc"},
      {"portal=abc;other=1", false, "abc"},
      {"xportal=no; portal=abc", false, "abc"},
      {"portal=abc", true, std::nullopt},
      {"portal=no; __Host-portal=abc", true, "abc"},
      {"__Host-portal=abc", false, std::nullopt},
      {"PORTAL=abc", false, std::nullopt},
      {"portal", false, std::nullopt},
      {"", false, std::nullopt},
      {";;; ;", false, std::nullopt},
  };
  for (const Case& each : kCases) {
    EXPECT_EQ(FindSessionSecret(RequestWith({{"cookie", each.field}}, Method::kGet, each.secure)), each.secret)
        << each.field << (each.secure ? " over TLS" : "");
  }
  EXPECT_EQ(FindSessionSecret(RequestWith({{"Cookie", "a=b"}, {"Cookie", "portal=abc"}})), "abc");
}

TEST(SessionCookie, IsForNoScriptNoOtherSiteAndOverTlsForNoOtherHost) {
  EXPECT_EQ(KeepSessionCookie(false, "abc"), "portal=abc; Path=/; HttpOnly; SameSite=Strict");
  EXPECT_EQ(KeepSessionCookie(true, "abc"), "__Host-portal=abc; Path=/; HttpOnly; SameSite=Strict; Secure");
  EXPECT_EQ(DropSessionCookie(true), "__Host-portal=; Path=/; HttpOnly; SameSite=Strict; Secure; Max-Age=0");
}

TEST(SessionCookie, IsGoodForThePortalsOwnPageAlone) {
  constexpr std::string_view kOwn = "http://127.0.0.1:3001";
  constexpr std::string_view kOther = "http://127.0.0.1:8080";
  struct Case {
    Method method;
    std::string_view site;    // empty: an older browser
    std::string_view origin;  // empty: none
    bool good;
  };
  constexpr Case kCases[] = {
      {Method::kGet, "same-origin", "", true},
      {Method::kGet, "none", "", true},
      {Method::kGet, "same-site", "", false},
      {Method::kGet, "cross-site", "", false},
      {Method::kGet, "", "", true},
      {Method::kGet, "", kOther, false},
      {Method::kHead, "", kOwn, true},
      {Method::kPost, "same-origin", kOwn, true},
      {Method::kPost, "same-site", kOwn, false},
      {Method::kPost, "none", "", false},
      {Method::kPost, "", kOwn, true},
      {Method::kPost, "", kOther, false},
      {Method::kPost, "", "null", false},
      {Method::kPost, "", "", false},
      {Method::kDelete, "", "", false},
      {Method::kPatch, "SAME-ORIGIN", "", false},
  };
  for (const Case& each : kCases) {
    std::vector<http::HeaderField> fields;
    if (!each.site.empty()) fields.push_back({"Sec-Fetch-Site", each.site});
    if (!each.origin.empty()) fields.push_back({"Origin", each.origin});
    const auto checked = CheckOwnPage(RequestWith(fields, each.method));
    EXPECT_EQ(checked.has_value(), each.good)
        << http::ToText(each.method) << " site '" << each.site << "' origin '" << each.origin << "'";
    if (!checked) EXPECT_EQ(checked.error().code, base::ErrorCode::kCorsOriginDenied);
  }
}

}  // namespace
}  // namespace portal::control
