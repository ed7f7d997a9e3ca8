#pragma once

#include <vector>

#include "api/context.h"
#include "http/router.h"

namespace portal::api {

/// The data plane's table of contents. `context` must outlive the routes.
std::vector<http::Route> Routes(const Context& context);

}  // namespace portal::api
