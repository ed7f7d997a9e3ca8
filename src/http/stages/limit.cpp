#include "http/stages/limit.h"

#include <algorithm>
#include <string>
#include <utility>

#include "http/router.h"

namespace portal::http::stages {
namespace {

using base::ErrorCode;

std::optional<LimitVerdict> Ask(const Request& request, RateLimits& limits) {
  const model::LimitPolicy policy = *request.route->limit;
  if (request.identity && request.identity->client.value().empty()) return std::nullopt;  // an operator
  if (request.identity) return limits.Take(policy, request.identity->limits);
  if (request.grant) return limits.Take(policy, request.grant->limits);
  return limits.Take(policy, request.client_address);
}

std::string Wait(const Request& request) {
  const std::int64_t seconds = RetryAfterSeconds(request);
  return "Please retry after " + std::to_string(seconds) + (seconds == 1 ? " second" : " seconds");
}

std::string Capitalised(std::string_view word) {
  std::string text(word);
  text.front() = static_cast<char>(text.front() - 'a' + 'A');
  return text;
}

}  // namespace

base::Status Limit(Request& request, RateLimits& limits) {
  if (!request.route->limit || request.limited) return {};
  request.limited = true;
  request.limit = Ask(request, limits);
  if (!request.limit || request.limit->decision.allowed) return {};
  return base::Fail(ErrorCode::kRateLimitExceeded,
                    Capitalised(request.limit->policy) + " endpoint rate limit exceeded. " + Wait(request));
}

base::Error CountAuthFailure(base::Error error, Request& request, RateLimits& limits) {
  const bool counts = error.code == ErrorCode::kInvalidToken || error.code == ErrorCode::kSignatureInvalid;
  if (!counts || request.limited) return error;
  request.limited = true;
  request.limit = limits.NoteAuthFailure(request.client_address);
  if (!request.limit || request.limit->decision.allowed) return error;
  return {ErrorCode::kRateLimitExceeded,
          "Too many bad tokens or signatures came from this address. " + Wait(request),
          std::move(error.internal),
          {}};
}

std::int64_t RetryAfterSeconds(const Request& request) {
  if (!request.limit) return 1;  // a fault of test mode, on a request that nothing limits
  return std::max<std::int64_t>(1, request.limit->SecondsLeft());
}

}  // namespace portal::http::stages
