#include "api/routes.h"

#include "api/handlers.h"

namespace portal::api {

using http::RouteAccess;
using model::LimitPolicy;

namespace {

constexpr RouteEntry kTable[] = {
    {"/v1/health", RouteAccess::kOptionalBearer, LimitPolicy::kHealth, GetHealth},
    {"/v1/contacts", RouteAccess::kBearer, LimitPolicy::kContacts, ListContacts},
    {"/v1/contacts/{contactId}", RouteAccess::kBearer, LimitPolicy::kContacts, GetContact},
    {"/v1/jobs", RouteAccess::kBearer, LimitPolicy::kJobs, ListJobs},
    {"/v1/jobs/{jobId}", RouteAccess::kBearer, LimitPolicy::kJobs, GetJob},
    {"/v1/jobs/{jobId}/files", RouteAccess::kBearer, LimitPolicy::kFiles, ListFiles},
    {"/v1/jobs/{jobId}/files/{fileId}", RouteAccess::kBearer, LimitPolicy::kFiles, GetFile},
    {"/files/{bucket}/jobs/{jobId}/files/{name}", RouteAccess::kSignedUrl, LimitPolicy::kDownloads, GetBlob},
    {"/metrics", RouteAccess::kScraper, std::nullopt, GetMetrics},
    {"/livez", RouteAccess::kPublic, std::nullopt, GetLiveness},
    {"/readyz", RouteAccess::kPublic, std::nullopt, GetReadiness},
    {"/errors/{slug}", RouteAccess::kPublic, std::nullopt, GetErrorPage},
    {"/v1/openapi.json", RouteAccess::kPublic, std::nullopt, GetOpenApi},
};

}  // namespace

namespace {

/// What the store says of its troubles is for the operator: it goes to the log, and the client hears that
/// there is trouble.
base::Error WithoutStoreTroubles(base::Error error) {
  const bool trouble = error.code == base::ErrorCode::kUnavailable || error.code == base::ErrorCode::kStorageFull;
  if (!trouble) return error;
  std::string internal = error.internal.empty() ? error.detail : error.detail + ": " + error.internal;
  return {base::ErrorCode::kUnavailable,
          "The portal's data cannot be read at the moment; try again",
          std::move(internal),
          {}};
}

}  // namespace

std::span<const RouteEntry> RouteTable() { return kTable; }

std::vector<http::Route> Routes(const Context& context) {
  std::vector<http::Route> routes;
  for (const RouteEntry& entry : kTable) {
    routes.push_back({std::string(entry.pattern), entry.access,
                      [&context, handler = entry.handler](const Request& request) {
                        return handler(context, request).map_error(WithoutStoreTroubles);
                      },
                      entry.limit});
  }
  return routes;
}

}  // namespace portal::api
