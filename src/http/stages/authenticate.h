#pragma once

#include "base/result.h"
#include "http/authenticator.h"
#include "http/request.h"
#include "http/router.h"

namespace portal::http::stages {

/// Whose the request's bearer token is at that time (RFC 6750 §2.1). kUnauthorized where it has none; otherwise what
/// the authenticator says.
base::Result<Identity> CheckBearer(const Request& request, Authenticator& authenticator, base::WallTime now);

/// Finds out who asks, as `access` demands, of the matched route or in its place: sets `request.identity` or
/// `request.grant`. kUnauthorized without a bearer token where one is needed; otherwise what the authenticator says.
base::Status Authenticate(Request& request, Authenticator& authenticator, RouteAccess access);

}  // namespace portal::http::stages
