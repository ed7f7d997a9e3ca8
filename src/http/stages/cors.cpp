#include "http/stages/cors.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/ascii.h"

namespace portal::http::stages {
namespace {

struct SchemeAndAuthority {
  std::string_view scheme;
  std::string_view authority;  ///< without the scheme's default port, which browsers leave out
};

std::string_view WithoutSuffix(std::string_view text, std::string_view suffix) {
  return text.ends_with(suffix) ? text.substr(0, text.size() - suffix.size()) : text;
}

std::string_view WithoutDefaultPort(std::string_view authority, std::string_view scheme) {
  return WithoutSuffix(authority, scheme == "https" ? ":443" : ":80");
}

std::optional<SchemeAndAuthority> Split(std::string_view origin) {
  for (const std::string_view scheme : {"https", "http"}) {
    if (!origin.starts_with(scheme) || !origin.substr(scheme.size()).starts_with("://")) continue;
    return SchemeAndAuthority{scheme, WithoutDefaultPort(origin.substr(scheme.size() + 3), scheme)};
  }
  return std::nullopt;
}

/// As a browser would write the origin of that URL.
std::string OriginOf(std::string_view url) {
  const auto parts = Split(url);
  if (!parts) return {};
  std::string origin = std::string(parts->scheme) + "://" + std::string(parts->authority);
  std::ranges::transform(origin, origin.begin(), base::ToLowerAscii);
  return origin;
}

}  // namespace

CorsPolicy::CorsPolicy(std::vector<std::string> allowed_origins, std::string_view public_url)
    : allowed_origins_(std::move(allowed_origins)), public_origin_(OriginOf(public_url)) {}

OriginVerdict CorsPolicy::Judge(const Request& request) const {
  std::optional<std::string_view> origin;
  for (const HeaderField& field : request.head.fields) {
    if (!base::EqualsIgnoreCase(field.name, "origin")) continue;
    if (origin) return OriginVerdict::kDenied;
    origin = field.value;
  }
  if (!origin) return OriginVerdict::kNone;
  const bool allowed = std::ranges::find(allowed_origins_, *origin) != allowed_origins_.end() ||
                       (!public_origin_.empty() && *origin == public_origin_) || IsSameOrigin(*origin, request);
  return allowed ? OriginVerdict::kAllowed : OriginVerdict::kDenied;
}

bool IsSameOrigin(std::string_view origin, const Request& request) {
  const auto parts = Split(origin);
  if (!parts || parts->authority.empty() || (request.secure && parts->scheme != "https")) return false;
  return base::EqualsIgnoreCase(parts->authority, WithoutDefaultPort(request.head.host, parts->scheme));
}

base::Status CheckOrigin(const Request& request) {
  if (request.origin != OriginVerdict::kDenied) return {};
  return base::Fail(base::ErrorCode::kCorsOriginDenied,
                    "Pages of this origin may not use the portal: cors.allowed_origins does not list it");
}

bool IsPreflight(const Request& request) {
  return request.origin == OriginVerdict::kAllowed && request.head.method == Method::kOptions &&
         !request.head.has_body && request.head.Find("Access-Control-Request-Method");
}

Response AnswerPreflight() {
  Response response;
  response.status = 204;
  response.content_type = {};
  response.Add("Access-Control-Allow-Methods", "GET, HEAD, OPTIONS");
  response.Add("Access-Control-Allow-Headers", "Authorization, Content-Type, If-None-Match, traceparent, X-Request-Id");
  response.Add("Access-Control-Max-Age", "600");
  return response;
}

}  // namespace portal::http::stages
