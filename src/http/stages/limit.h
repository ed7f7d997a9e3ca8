#pragma once

#include "base/error.h"
#include "base/result.h"
#include "http/rate_limits.h"
#include "http/request.h"

namespace portal::http::stages {

/// Counts the request against the budget of its route, for whoever asks: sets `request.limit`. Once a request, however
/// often it is answered. kRateLimitExceeded says for how long to wait.
base::Status Limit(Request& request, RateLimits& limits);

/// Counts a refusal of a token or a signature against the address that sent it, and turns it into kRateLimitExceeded
/// where there were too many; other errors stay as they are. Good credentials are never held up by others' bad ones.
base::Error CountAuthFailure(base::Error error, Request& request, RateLimits& limits);

/// Whole seconds until `request.limit` lets a request through, at least 1.
std::int64_t RetryAfterSeconds(const Request& request);

}  // namespace portal::http::stages
