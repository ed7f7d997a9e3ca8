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

    {Method::kPost, "/api/tenants/{tenant}/contacts/bulk", Needs::kWrite, FeedContacts, "operation, on_error"},
    {Method::kPost, "/api/tenants/{tenant}/jobs/bulk", Needs::kWrite, FeedJobs, "operation, on_error"},
    {Method::kPost, "/api/tenants/{tenant}/files/bulk", Needs::kWrite, FeedFiles, "operation, on_error"},
    {Method::kGet, "/api/tenants/{tenant}/contacts/{id}", Needs::kRead, GetContact},
    {Method::kPut, "/api/tenants/{tenant}/contacts/{id}", Needs::kWrite, PutContact},
    {Method::kPatch, "/api/tenants/{tenant}/contacts/{id}", Needs::kWrite, PatchContact},
    {Method::kDelete, "/api/tenants/{tenant}/contacts/{id}", Needs::kWrite, DeleteContact},
    {Method::kGet, "/api/tenants/{tenant}/jobs/{id}", Needs::kRead, GetJob},
    {Method::kPut, "/api/tenants/{tenant}/jobs/{id}", Needs::kWrite, PutJob},
    {Method::kPatch, "/api/tenants/{tenant}/jobs/{id}", Needs::kWrite, PatchJob},
    {Method::kDelete, "/api/tenants/{tenant}/jobs/{id}", Needs::kWrite, DeleteJob},
    {Method::kGet, "/api/tenants/{tenant}/jobs/{job}/files/{id}", Needs::kRead, GetFile},
    {Method::kPut, "/api/tenants/{tenant}/jobs/{job}/files/{id}", Needs::kWrite, PutFile},
    {Method::kPatch, "/api/tenants/{tenant}/jobs/{job}/files/{id}", Needs::kWrite, PatchFile},
    {Method::kDelete, "/api/tenants/{tenant}/jobs/{job}/files/{id}", Needs::kWrite, DeleteFile},
};

}  // namespace

std::span<const Route> RouteTable() { return kTable; }

}  // namespace portal::control
