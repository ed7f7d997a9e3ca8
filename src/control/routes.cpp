#include "control/routes.h"

#include "control/handlers.h"

namespace portal::control {

namespace {

using http::Method;

constexpr Route kTable[] = {
    {Method::kGet, "/livez", Needs::kNothing, GetLiveness, kAnyQuery},
    {Method::kGet, "/readyz", Needs::kNothing, GetReadiness, kAnyQuery},
    {Method::kGet, "/api/openapi.json", Needs::kAnyToken, GetOpenApi},

    {Method::kGet, "/api/tenants", Needs::kAdmin, ListTenants},
    {Method::kPost, "/api/tenants", Needs::kAdmin, CreateTenant},
    {Method::kGet, "/api/tenants/{tenant}", Needs::kRead, GetTenant},
    {Method::kPatch, "/api/tenants/{tenant}", Needs::kAdmin, ChangeTenant},
    {Method::kDelete, "/api/tenants/{tenant}", Needs::kAdmin, DeleteTenant},
};

}  // namespace

std::span<const Route> RouteTable() { return kTable; }

}  // namespace portal::control
