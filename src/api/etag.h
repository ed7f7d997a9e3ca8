#pragma once

#include <optional>
#include <string>

#include "api/context.h"
#include "base/result.h"
#include "http/request.h"
#include "http/response.h"

namespace portal::api {

/// The strong ETag of what the caller's tenant sees at this target in the reader's current snapshot: a hash
/// over the store's epoch, the build, the tenant and its revision, where the portal is, and the target.
base::Result<std::string> EntityTag(const Context& context, const http::Request& request);

/// The 304 when the request's conditions ask for it, nullopt when it is to be answered in full;
/// kPreconditionFailed when If-Match does not hold. REQUIRES: the resource exists.
base::Result<std::optional<http::Response>> AnswerConditions(const http::Request& request, const std::string& etag);

/// Adds what a cacheable answer carries: `ETag`, and `Cache-Control` that lets only the caller's own cache
/// keep it and has it ask again each time.
void AddValidator(std::string etag, http::Response& response);

}  // namespace portal::api
