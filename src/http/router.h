#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "http/path_table.h"
#include "http/request.h"
#include "http/response.h"
#include "model/budgets.h"

namespace portal::http {

/// Decode, call, encode. Knows no sockets; called from any worker thread.
using Handler = std::function<base::Result<Response>(const Request&)>;

/// Who may call a route.
enum class RouteAccess : std::uint8_t {
  kPublic,          ///< anybody
  kOptionalBearer,  ///< anybody, but a token that is given must be good
  kBearer,          ///< a client
  kSignedUrl,       ///< whoever holds a signed URL
  kScraper,         ///< this machine, addresses that the configuration names, an operator's token with `metrics`
};

/// A resource of the data plane. All of them are read with GET and HEAD and describe themselves to OPTIONS.
struct Route {
  std::string pattern;  ///< `/v1/jobs/{jobId}/files`; `{x}` is one non-empty segment
  RouteAccess access;
  Handler handler;
  std::optional<model::LimitPolicy> limit{};  ///< whose budget its requests count against; nullopt: none
};

/// Finds the route of a path. Immutable once built, so thread-safe.
class Router {
 public:
  explicit Router(std::vector<Route> routes);

  struct Match {
    const Route* route = nullptr;  ///< null: no such resource
    PathParameters parameters;
  };
  /// kBadRequest when a segment's percent-encoding does not decode to UTF-8.
  base::Result<Match> Find(std::string_view path) const;

  std::span<const Route> routes() const { return routes_; }
  /// Where `route`, which is one of these, stands among them.
  std::size_t IndexOf(const Route& route) const { return static_cast<std::size_t>(&route - routes_.data()); }

 private:
  std::vector<Route> routes_;
  PathTable paths_;
};

}  // namespace portal::http
