#include "control/routes.h"

#include "control/handlers.h"

namespace portal::control {

namespace {

using http::Method;

constexpr bool kPastBreaker = true;

constexpr Route kTable[] = {
    {Method::kGet, "/", Needs::kNothing, GetAdminPage},
    {Method::kPost, "/api/session", Needs::kNothing, SignIn},
    {Method::kGet, "/api/session", Needs::kMetrics, GetSession, {}, kPastBreaker},
    {Method::kDelete, "/api/session", Needs::kMetrics, SignOut, {}, kPastBreaker},
    {Method::kGet, "/api/sessions", Needs::kAdmin, ListSessions, {}, kPastBreaker},
    {Method::kDelete, "/api/sessions", Needs::kAdmin, EndAllSessions, {}, kPastBreaker},
    {Method::kDelete, "/api/sessions/{session}", Needs::kAdmin, EndSession, {}, kPastBreaker},

    {Method::kGet, "/livez", Needs::kNothing, GetLiveness, kAnyQuery},
    {Method::kGet, "/readyz", Needs::kNothing, GetReadiness, kAnyQuery},
    {Method::kGet, "/api/openapi.json", Needs::kAnyToken, GetOpenApi},

    {Method::kGet, "/api/status", Needs::kMetrics, GetStatus, {}, kPastBreaker},
    {Method::kGet, "/api/metrics", Needs::kMetrics, GetMetrics, {}, kPastBreaker},
    {Method::kGet, "/api/samples", Needs::kMetrics, ListSamples, "after", kPastBreaker},
    {Method::kGet, "/api/slo", Needs::kMetrics, GetServiceLevels, {}, kPastBreaker},
    {Method::kGet, "/api/limits", Needs::kMetrics, GetLimits, {}, kPastBreaker},
    {Method::kPost, "/api/limits/reset", Needs::kAdmin, ResetLimits},
    {Method::kPost, "/api/backups", Needs::kAdmin, MakeBackup},
    {Method::kGet, "/api/breakers", Needs::kAdmin, ListBreakers, {}, kPastBreaker},
    {Method::kPut, "/api/breakers/{name}", Needs::kAdmin, ForceBreaker, {}, kPastBreaker},
    {Method::kGet, "/api/errors", Needs::kMetrics, ListErrors, {}, kPastBreaker},
    {Method::kGet, "/api/log", Needs::kMetrics, GetLog, {}, kPastBreaker},
    {Method::kPut, "/api/log", Needs::kAdmin, ChangeLog, {}, kPastBreaker},
    {Method::kGet, "/api/purge", Needs::kAdmin, GetPurge},
    {Method::kPost, "/api/purge", Needs::kAdmin, RunPurge, "all"},

    {Method::kGet, "/api/tenants", Needs::kAdmin, ListTenants},
    {Method::kPost, "/api/tenants", Needs::kAdmin, CreateTenant},
    {Method::kGet, "/api/tenants/{tenant}", Needs::kRead, GetTenant},
    {Method::kPatch, "/api/tenants/{tenant}", Needs::kAdmin, ChangeTenant},
    {Method::kDelete, "/api/tenants/{tenant}", Needs::kAdmin, DeleteTenant},

    {Method::kGet, "/api/tenants/{tenant}/clients", Needs::kAdmin, ListClients},
    {Method::kPost, "/api/tenants/{tenant}/clients", Needs::kAdmin, CreateClient},
    {Method::kPatch, "/api/tenants/{tenant}/clients/{client}", Needs::kAdmin, ChangeClient},
    {Method::kDelete, "/api/tenants/{tenant}/clients/{client}", Needs::kAdmin, DeleteClient},

    {Method::kGet, "/api/tenants/{tenant}/tokens", Needs::kAdmin, ListTokens},
    {Method::kPost, "/api/tenants/{tenant}/tokens", Needs::kAdmin, CreateToken},
    {Method::kDelete, "/api/tenants/{tenant}/tokens/{token}", Needs::kAdmin, RevokeToken},
    {Method::kGet, "/api/tokens", Needs::kAdmin, ListOperatorTokens},
    {Method::kPost, "/api/tokens", Needs::kAdmin, CreateOperatorToken},
    {Method::kDelete, "/api/tokens/{token}", Needs::kAdmin, RevokeOperatorToken},

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

    {Method::kPut, "/api/tenants/{tenant}/blobs/{sha256}", Needs::kWrite, PutBlob},
    {Method::kHead, "/api/tenants/{tenant}/blobs/{sha256}", Needs::kRead, FindBlob},
    {Method::kPut, "/api/tenants/{tenant}/jobs/{job}/files/{id}/content", Needs::kWrite, PutFileContent, "name, kind"},

    {Method::kGet, "/{file}", Needs::kNothing, GetAdminFile},  // last: the first that fits is taken
};

}  // namespace

std::span<const Route> RouteTable() { return kTable; }

}  // namespace portal::control
