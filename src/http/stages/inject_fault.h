#pragma once

#include <optional>

#include "base/result.h"
#include "http/fault_injector.h"
#include "http/request.h"
#include "http/response.h"

namespace portal::http::stages {

/// What happens to the request in place of its handler; nullopt: its handler. A delay is for a thread that may wait:
/// kOverBudget on an event loop, as with a slow read.
std::optional<base::Result<Response>> InjectFault(Request& request, FaultInjector& faults);

}  // namespace portal::http::stages
