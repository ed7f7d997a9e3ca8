#pragma once

#include "control/handlers.h"

// One function a line of test_routes.cpp. REQUIRES: context.test_mode is not null.
namespace portal::control {

// test_mode.cpp
Result<Answer> GetTestOpenApi(const Context& context, Request& request);
Result<Answer> ResetTest(const Context& context, Request& request);
Result<Answer> SetTestClock(const Context& context, Request& request);

// test_fault_rules.cpp
Result<Answer> SetTestFaults(const Context& context, Request& request);

// test_limits.cpp
Result<Answer> SetTestLimits(const Context& context, Request& request);

// test_requests.cpp
Result<Answer> GetTestRequests(const Context& context, Request& request);

}  // namespace portal::control
