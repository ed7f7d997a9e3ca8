#include "http/stages/authenticate.h"

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/ascii.h"

namespace portal::http::stages {
namespace {

using base::ErrorCode;

/// The credentials of `Authorization: Bearer …` (RFC 6750 §2.1); nullopt for another scheme.
std::optional<std::string_view> BearerCredentials(std::string_view authorization) {
  constexpr std::string_view kScheme = "bearer";
  if (authorization.size() <= kScheme.size() || authorization[kScheme.size()] != ' ') return std::nullopt;
  if (!base::EqualsIgnoreCase(authorization.substr(0, kScheme.size()), kScheme)) return std::nullopt;
  const std::size_t start = authorization.find_first_not_of(' ', kScheme.size());
  return start == std::string_view::npos ? std::string_view{} : authorization.substr(start);
}

/// kUnauthorized where it has none.
base::Result<std::string_view> BearerToken(const Request& request) {
  const auto authorization = request.head.Find("Authorization");
  if (!authorization) {
    return base::Fail(ErrorCode::kUnauthorized, "This resource needs a bearer token in the Authorization header");
  }
  const auto token = BearerCredentials(*authorization);
  if (!token) {
    return base::Fail(ErrorCode::kUnauthorized, "The Authorization header must be 'Bearer' and a token");
  }
  return *token;
}

base::Status AuthenticateBearer(Request& request, Authenticator& authenticator, RouteAccess access) {
  auto identity = CheckBearer(request, authenticator, request.now);
  if (identity) {
    request.identity = *std::move(identity);
    return {};
  }
  // Health answers even when the store does not: then nobody can say whether the token is good.
  const ErrorCode code = identity.error().code;
  const bool store_is_silent =
      code == ErrorCode::kUnavailable || code == ErrorCode::kCircuitOpen || code == ErrorCode::kOverBudget;
  if (access == RouteAccess::kOptionalBearer && store_is_silent) return {};
  return base::Fail(std::move(identity).error());
}

/// An operator's token is for the control plane, and a client's may be for writing only.
base::Status CheckScope(const Identity& identity, model::Scopes needed, std::string_view whose) {
  if (identity.scopes.Has(needed)) return {};
  return base::Fail(ErrorCode::kForbidden, "This needs " + std::string(whose) + " token with the scope " +
                                               model::ToText(needed) + "; this one has " +
                                               model::ToText(identity.scopes));
}

base::Status AuthenticateScraper(Request& request, Authenticator& authenticator) {
  if (!request.head.Find("Authorization")) {
    return base::Fail(ErrorCode::kUnauthorized,
                      "Metrics are for an operator's token with the scope metrics, for the addresses of "
                      "metrics.allow, and for this machine where it asks localhost, 127.0.0.1, [::1] or the host of "
                      "public_url");
  }
  const auto token = BearerToken(request);
  if (!token) return base::Fail(token.error());
  auto identity = authenticator.CheckScraper(request.worker, *token, request.now);
  if (!identity) return base::Fail(std::move(identity).error());
  request.identity = *std::move(identity);
  return CheckScope(*request.identity, model::kMetricsScope, "an operator's");
}

base::Status AuthenticateSignedUrl(Request& request, Authenticator& authenticator, bool has_authorization) {
  if (has_authorization) {
    return base::Fail(ErrorCode::kBadRequest,
                      "A signed URL carries its own credentials: send it without an Authorization header");
  }
  // The signature covers origin-form; an absolute-form target says the same after its authority.
  const std::string_view path = request.head.path;
  const std::string_view query = request.head.query;
  const std::string_view origin_form{
      path.data(), query.empty() ? path.size() : static_cast<std::size_t>(query.data() + query.size() - path.data())};
  auto grant = authenticator.CheckSignedUrl(request.worker, origin_form, request.now);
  if (!grant) return base::Fail(std::move(grant).error());
  request.grant = *std::move(grant);
  return {};
}

}  // namespace

base::Result<Identity> CheckBearer(const Request& request, Authenticator& authenticator, base::WallTime now) {
  const auto token = BearerToken(request);
  if (!token) return base::Fail(token.error());
  return authenticator.CheckBearer(request.worker, *token, now);
}

base::Status Authenticate(Request& request, Authenticator& authenticator, RouteAccess access) {
  switch (access) {
    case RouteAccess::kPublic:
      return {};
    case RouteAccess::kOptionalBearer:
      return request.head.Find("Authorization") ? AuthenticateBearer(request, authenticator, access) : base::Status{};
    case RouteAccess::kBearer:
      if (auto known = AuthenticateBearer(request, authenticator, access); !known) return known;
      return CheckScope(*request.identity, model::kReadScope, "a client's");
    case RouteAccess::kScraper:
      return AuthenticateScraper(request, authenticator);
    case RouteAccess::kSignedUrl:
      return AuthenticateSignedUrl(request, authenticator, request.head.Find("Authorization").has_value());
  }
  return {};
}

}  // namespace portal::http::stages
