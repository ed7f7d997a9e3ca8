#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "http/request.h"
#include "http/response.h"

namespace portal::http::stages {

/// The pages whose scripts may read the portal's answers (Fetch standard, "HTTP CORS protocol"; RFC 6454 for what an
/// origin is). Immutable, so thread-safe.
class CorsPolicy {
 public:
  /// `allowed_origins` as browsers write them: they are compared byte by byte. `public_url` is the portal's own; may be
  /// empty.
  CorsPolicy(std::vector<std::string> allowed_origins, std::string_view public_url);

  /// What the request's Origin means for it: kAllowed for a listed one and the portal's own, kDenied for any other,
  /// `null` included, and where there are several.
  OriginVerdict Judge(const Request& request) const;

 private:
  const std::vector<std::string> allowed_origins_;
  const std::string public_origin_;
};

/// Whether `origin` is that of the host that the request was sent to: the same authority, and the same scheme unless
/// the request came without TLS, since there may be a proxy in front that speaks it.
bool IsSameOrigin(std::string_view origin, const Request& request);

/// kCorsOriginDenied where the verdict is that.
base::Status CheckOrigin(const Request& request);

/// Whether a browser asks what a page that may read answers may send (Fetch standard, "CORS-preflight request").
bool IsPreflight(const Request& request);
/// The same for every resource and every page; the head writer adds the fields of every allowed answer.
Response AnswerPreflight();

}  // namespace portal::http::stages
