#pragma once

#include "api/context.h"
#include "base/result.h"
#include "http/request.h"
#include "http/response.h"

// One function a route of routes.cpp: decode, call, encode. Each lives in the file of its resource.
namespace portal::api {

using base::Result;
using http::Request;
using http::Response;

Result<Response> GetHealth(const Context& context, const Request& request);     // health.cpp
Result<Response> GetLiveness(const Context& context, const Request& request);   // probes.cpp
Result<Response> GetReadiness(const Context& context, const Request& request);  // probes.cpp
Result<Response> ListContacts(const Context& context, const Request& request);  // contacts.cpp
Result<Response> GetContact(const Context& context, const Request& request);    // contacts.cpp
Result<Response> ListJobs(const Context& context, const Request& request);      // jobs.cpp
Result<Response> GetJob(const Context& context, const Request& request);        // jobs.cpp
Result<Response> ListFiles(const Context& context, const Request& request);     // files.cpp
Result<Response> GetFile(const Context& context, const Request& request);       // files.cpp
Result<Response> GetBlob(const Context& context, const Request& request);       // blobs.cpp
Result<Response> GetMetrics(const Context& context, const Request& request);    // metrics.cpp
Result<Response> GetErrorPage(const Context& context, const Request& request);  // error_pages.cpp
Result<Response> GetOpenApi(const Context& context, const Request& request);    // openapi.cpp

}  // namespace portal::api
