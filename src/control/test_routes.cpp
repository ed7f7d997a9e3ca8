#include "control/test_routes.h"

#include "control/test_handlers.h"

namespace portal::control {

namespace {

using http::Method;

constexpr bool kPastBreaker = true;  // whatever a test has done to the database, it can be undone

constexpr Route kTable[] = {
    {Method::kGet, "/test/openapi.json", Needs::kAnyToken, GetTestOpenApi},
    {Method::kPost, "/test/reset", Needs::kAdmin, ResetTest, {}, kPastBreaker},
    {Method::kPut, "/test/clock", Needs::kAdmin, SetTestClock, {}, kPastBreaker},
    {Method::kPut, "/test/faults", Needs::kAdmin, SetTestFaults, {}, kPastBreaker},
    {Method::kPut, "/test/breakers/{name}", Needs::kAdmin, ForceBreaker, {}, kPastBreaker},
    {Method::kPut, "/test/limits", Needs::kAdmin, SetTestLimits, {}, kPastBreaker},
    {Method::kGet, "/test/requests", Needs::kAdmin, GetTestRequests, {}, kPastBreaker},
};

}  // namespace

std::span<const Route> TestRouteTable() { return kTable; }

}  // namespace portal::control
