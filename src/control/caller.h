#pragma once

#include <optional>

#include "base/clock.h"
#include "base/result.h"
#include "control/sessions.h"
#include "http/authenticator.h"
#include "http/request.h"
#include "store/reader.h"

namespace portal::control {

/// Who asks.
struct Caller {
  http::Identity identity;
  std::optional<Session> session;  ///< unset: it showed a bearer token
};

/// Who asks, by a bearer token, or where there is no Authorization by a session's cookie, which may do what the token
/// that began it may do now, or everything where the password did. kUnauthorized: neither, or the session has ended;
/// kCorsOriginDenied: a cookie on a foreign page's behalf; otherwise what the authenticator and the store say.
/// Thread-safe; `reader` is the worker's own.
base::Result<Caller> CheckCaller(const http::Request& request, http::Authenticator& authenticator, Sessions& sessions,
                                 store::Reader& reader, base::WallTime now);

/// What an operator may do with this credential now; nullopt: nothing, since it is unknown, revoked, expired or a
/// client's, or the password is another one.
base::Result<std::optional<model::Scopes>> ScopesOf(const Credential& credential, store::Reader& reader,
                                                    base::WallTime now);

}  // namespace portal::control
