#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "base/result.h"
#include "control/answer.h"
#include "control/context.h"
#include "control/request.h"
#include "http/method.h"

namespace portal::control {

/// Decode, call, encode. Knows no sockets and no HTTP library; called from any worker thread.
using Handler = base::Result<Answer> (*)(const Context&, Request&);

/// Who may call a route. On a path with `{tenant}` a client's token is for its own tenant only; to it every other
/// tenant's path is one that does not exist.
enum class Needs : std::uint8_t {
  kNothing,   ///< anybody
  kAnyToken,  ///< any good token
  kRead,      ///< a client's token with scope `read`, or an operator's with `admin`
  kWrite,     ///< a client's token with scope `write`, or an operator's with `admin`
  kAdmin,     ///< an operator's token with scope `admin`
  kMetrics,   ///< an operator's token with scope `admin` or `metrics`
};

struct Route {
  http::Method method;  ///< GET also answers HEAD, where that has no route of its own
  std::string_view pattern;
  Needs needs;
  Handler handler;
  std::string_view query = {};  ///< the query parameters that it knows: "name, kind"; or kAnyQuery
  /// whether its caller's token is looked up though the database's breaker is open: else nobody could close it
  bool past_breaker = false;
};

/// Probes take any query: orchestrators append their own.
inline constexpr std::string_view kAnyQuery = "*";

/// The control plane's table of contents.
std::span<const Route> RouteTable();

}  // namespace portal::control
