#pragma once

#include "crypto/random.h"
#include "http/request.h"

namespace portal::http::stages {

/// Gives the request its ids: an inbound `X-Request-Id` or a new UUID; the trace id of a valid W3C
/// `traceparent` (Trace Context level 1, §3.2), else an inbound `X-Trace-Id`, else 32 new hex digits.
void AssignIds(Request& request, crypto::RandomBuffer& random);

}  // namespace portal::http::stages
