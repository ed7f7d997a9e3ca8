#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "base/ids.h"
#include "base/result.h"
#include "control/body.h"
#include "control/sessions.h"
#include "http/query.h"
#include "http/request.h"
#include "model/tenant.h"

namespace portal::control {

struct Route;

/// A request as a handler gets it: matched, authenticated, authorised, its query checked. Not thread-safe; one thread
/// works on it from its head to its answer.
class Request {
 public:
  Request(const http::Request& http, Body& body) : http_(http), body_(body) {}

  http::Method method() const { return http_.head.method; }
  /// For conditions and the like; see http/conditions.h.
  const http::Head& head() const { return http_.head; }
  /// The first field of that name; ASCII case-insensitive.
  std::optional<std::string_view> Header(std::string_view name) const { return http_.head.Find(name); }

  /// The value of `{name}` in the route's pattern, percent-decoded, never empty. REQUIRES: the pattern has it.
  const std::string& Path(std::string_view name) const;
  /// A parameter that the route's line in routes.cpp names, decoded; nullopt when absent. It comes once at the most,
  /// and no other one comes: anything else is refused before the handler.
  std::optional<std::string> Query(std::string_view name);

  /// Whose path this is: on routes with `{tenant}`, where the caller may be here.
  base::TenantId tenant() const { return tenant_.id; }
  const model::Tenant& tenant_row() const { return tenant_; }
  /// REQUIRES: the route needs a token.
  const http::Identity& identity() const { return *http_.identity; }

  /// Of the admin page; unset: the caller showed a bearer token.
  const std::optional<Session>& session() const { return session_; }

  /// Asked once more, now: what was allowed when the head came may have ended by the time the body is there. As it was
  /// refused in the first place; kNotFound also where the tenant is another one now.
  base::Status StillAllowed() const { return still_allowed_ ? still_allowed_() : base::Status(); }

  base::WorkerId worker() const { return http_.worker; }
  base::WallTime now() const { return http_.now; }
  std::string_view request_id() const { return http_.request_id.view(); }
  std::string_view trace_id() const { return http_.trace_id.view(); }
  const http::Request& http() const { return http_; }

  /// The body's media type in lower case, without parameters; empty when absent.
  std::string ContentType() const;
  /// kUnsupportedMediaType unless the body is of one of these types, in lower case.
  base::Status RequireContentType(std::initializer_list<std::string_view> types) const;
  /// nullopt: chunked, or no body at all.
  std::optional<std::uint64_t> content_length() const { return body_.declared_bytes(); }
  /// See Body::Read; or what StillAllowed says when the last byte is there.
  base::Result<std::string> ReadBody(std::uint64_t max_bytes);
  base::Status ReadBody(std::uint64_t max_bytes, Body::Sink sink);

 private:
  friend class Dispatcher;

  const http::Request& http_;
  Body& body_;
  const Route* route_ = nullptr;
  http::QueryParameters query_;
  model::Tenant tenant_;
  std::optional<Session> session_;
  std::function<base::Status()> still_allowed_;
};

/// A JSON body, but for those that are streamed.
inline constexpr std::uint64_t kMaxJsonBytes = 1024 * 1024;

}  // namespace portal::control
