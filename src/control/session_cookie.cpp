#include "control/session_cookie.h"

#include <algorithm>

#include "base/ascii.h"
#include "http/head_syntax.h"
#include "http/stages/cors.h"

namespace portal::control {
namespace {

using http::Method;

std::string_view NameOf(bool secure) { return secure ? "__Host-portal" : "portal"; }

std::string Cookie(bool secure, std::string_view value) {
  std::string cookie = std::string(NameOf(secure)) + "=" + std::string(value) + "; Path=/; HttpOnly; SameSite=Strict";
  if (secure) cookie += "; Secure";
  return cookie;
}

std::optional<std::string_view> FindCookie(std::string_view field, std::string_view name) {
  while (!field.empty()) {
    const std::size_t end = std::min(field.find(';'), field.size());
    const std::string_view pair = http::TrimBlanks(field.substr(0, end));
    const std::size_t equals = pair.find('=');
    if (equals != std::string_view::npos && pair.substr(0, equals) == name) return pair.substr(equals + 1);
    field.remove_prefix(std::min(end + 1, field.size()));
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string_view> FindSessionSecret(const http::Request& request) {
  for (const http::HeaderField& field : request.head.fields) {
    if (!base::EqualsIgnoreCase(field.name, "cookie")) continue;
    if (const auto secret = FindCookie(field.value, NameOf(request.secure))) return secret;
  }
  return std::nullopt;
}

std::string KeepSessionCookie(bool secure, std::string_view secret) { return Cookie(secure, secret); }

std::string DropSessionCookie(bool secure) { return Cookie(secure, "") + "; Max-Age=0"; }

base::Status CheckOwnPage(const http::Request& request) {
  const bool reads = request.head.method == Method::kGet || request.head.method == Method::kHead;
  bool own = reads;
  if (const auto site = request.head.Find("Sec-Fetch-Site")) {
    own = *site == "same-origin" || (reads && *site == "none");  // none: the user's own doing, as an address typed
  } else if (const auto origin = request.head.Find("Origin")) {
    own = http::stages::IsSameOrigin(*origin, request);
  }
  if (own) return {};
  return base::Fail(base::ErrorCode::kCorsOriginDenied,
                    "A session's cookie is good for the portal's own page alone; scripts send a bearer token");
}

}  // namespace portal::control
