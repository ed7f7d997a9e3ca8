#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "api/context.h"
#include "base/result.h"
#include "http/router.h"
#include "model/budgets.h"

namespace portal::api {

struct RouteEntry {
  std::string_view pattern;
  http::RouteAccess access;
  std::optional<model::LimitPolicy> limit;  ///< whose budget its requests count against; nullopt: none
  base::Result<http::Response> (*handler)(const Context&, const http::Request&);
};

/// The data plane's table of contents.
std::span<const RouteEntry> RouteTable();

/// The table's handlers bound to what they work with. `context` must outlive the routes.
std::vector<http::Route> Routes(const Context& context);

}  // namespace portal::api
