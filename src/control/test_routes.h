#pragma once

#include <span>

#include "control/routes.h"

namespace portal::control {

/// What the control plane takes in test mode, beside its own routes.
std::span<const Route> TestRouteTable();

}  // namespace portal::control
