#include "api/etag.h"

#include <array>
#include <string_view>
#include <utility>

#include "base/hex.h"
#include "base/version.h"
#include "crypto/hash.h"
#include "http/conditions.h"
#include "store/reader.h"

namespace portal::api {

base::Result<std::string> EntityTag(const Context& context, const http::Request& request) {
  const base::TenantId tenant = request.identity->tenant;
  const auto revision = context.reader(request).tenants.Revision(tenant);
  if (!revision) return base::Fail(revision.error());
  const std::string tenant_and_revision = std::to_string(tenant.value()) + "." + std::to_string(*revision);
  const std::string where = context.PublicBase(request);
  const std::array<std::string_view, 7> parts = {
      context.database.epoch(), base::kBuild.version, base::kBuild.commit, tenant_and_revision, where,
      request.head.path,        request.head.query};
  std::string etag = "\"";
  base::AppendHex(crypto::Fingerprint(parts), etag);
  etag += '"';
  return etag;
}

base::Result<std::optional<http::Response>> AnswerConditions(const http::Request& request, const std::string& etag) {
  switch (http::EvaluatePreconditions(request.head, {etag, std::nullopt}, request.now)) {
    case http::Precondition::kProceed:
      return std::nullopt;
    case http::Precondition::kFailed:
      return base::Fail(base::ErrorCode::kPreconditionFailed, "The resource has changed: If-Match names another ETag");
    case http::Precondition::kNotModified:
      break;
  }
  http::Response response;
  response.status = 304;
  response.content_type = {};
  AddValidator(etag, response);
  return response;
}

void AddValidator(std::string etag, http::Response& response) {
  response.Add("ETag", std::move(etag));
  response.Add("Cache-Control", "private, no-cache");
}

}  // namespace portal::api
