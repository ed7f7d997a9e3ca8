#include "api/routes.h"

#include "api/handlers.h"

namespace portal::api {

using http::RouteAccess;

std::vector<http::Route> Routes(const Context& context) {
  const auto bind = [&context](Result<Response> (*handler)(const Context&, const Request&)) -> http::Handler {
    return [&context, handler](const Request& request) { return handler(context, request); };
  };
  return {
      {"/v1/health", RouteAccess::kOptionalBearer, bind(GetHealth)},
      {"/v1/contacts", RouteAccess::kBearer, bind(ListContacts)},
      {"/v1/contacts/{contactId}", RouteAccess::kBearer, bind(GetContact)},
      {"/v1/jobs", RouteAccess::kBearer, bind(ListJobs)},
      {"/v1/jobs/{jobId}", RouteAccess::kBearer, bind(GetJob)},
      {"/v1/jobs/{jobId}/files", RouteAccess::kBearer, bind(ListFiles)},
      {"/v1/jobs/{jobId}/files/{fileId}", RouteAccess::kBearer, bind(GetFile)},
      {"/files/{bucket}/jobs/{jobId}/files/{name}", RouteAccess::kSignedUrl, bind(GetBlob)},
      {"/livez", RouteAccess::kPublic, bind(GetLiveness)},
      {"/readyz", RouteAccess::kPublic, bind(GetReadiness)},
      {"/errors/{slug}", RouteAccess::kPublic, bind(GetErrorPage)},
      {"/v1/openapi.json", RouteAccess::kPublic, bind(GetOpenApi)},
  };
}

}  // namespace portal::api
