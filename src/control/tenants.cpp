#include <string>
#include <utility>

#include "base/json_text.h"
#include "base/time_text.h"
#include "control/handlers.h"
#include "control/json_fields.h"
#include "store/reader.h"
#include "store/writer.h"

namespace portal::control {

namespace {

using base::Fail;

void AppendTenant(const model::Tenant& tenant, std::string& json) {
  json += R"({"slug":)";
  base::AppendJsonString(tenant.slug, json);
  json += R"(,"name":)";
  base::AppendJsonString(tenant.name, json);
  json += R"(,"bucket":)";
  base::AppendJsonString(tenant.bucket, json);
  json += tenant.suspended ? R"(,"suspended":true)" : R"(,"suspended":false)";
  json += R"(,"quota_bytes":)";
  if (tenant.quota_bytes) {
    base::AppendDecimal(*tenant.quota_bytes, json);
  } else {
    json += "null";
  }
  json += R"(,"blob_bytes":)";
  base::AppendDecimal(tenant.blob_bytes, json);
  json += R"(,"contacts":)";
  base::AppendDecimal(tenant.contacts, json);
  json += R"(,"jobs":)";
  base::AppendDecimal(tenant.jobs, json);
  json += R"(,"created_at":")";
  base::AppendRfc3339(tenant.created_at, json);
  json += "\"}";
}

Answer Describe(const model::Tenant& tenant) {
  Answer answer;
  AppendTenant(tenant, answer.body);
  return answer;
}

}  // namespace

Result<Answer> ListTenants(const Context& context, Request& request) {
  const auto tenants = context.database.reader(request.worker()).tenants.All();
  if (!tenants) return Fail(tenants.error());
  Answer answer;
  answer.body = R"({"data":[)";
  for (const model::Tenant& tenant : *tenants) {
    if (answer.body.back() != '[') answer.body += ',';
    AppendTenant(tenant, answer.body);
  }
  answer.body += "]}";
  return answer;
}

Result<Answer> CreateTenant(const Context& context, Request& request) {
  auto fields = JsonFields::Read(request);
  if (!fields) return Fail(std::move(fields).error());
  const std::string slug = fields->Text("slug").value_or("");
  const std::string name = fields->Text("name").value_or(slug);
  const std::string bucket = fields->Text("bucket").value_or("portal-files-" + slug);
  const auto quota = fields->IntegerOrNull("quota_bytes");
  fields->Require("slug");
  if (auto valid = fields->Finish(); !valid) return Fail(std::move(valid).error());

  model::Tenant created;
  const auto written = context.database.writer().Write([&](store::WriteTransaction& transaction) -> base::Status {
    auto tenant = transaction.CreateTenant(slug, name, bucket);
    if (!tenant) return Fail(std::move(tenant).error());
    created = *std::move(tenant);
    if (!quota) return {};
    created.quota_bytes = *quota;
    return transaction.ChangeTenant(created.id, {.quota_bytes = quota});
  });
  if (!written) return Fail(AsFieldError(written.error()));
  Answer answer = Describe(created);
  answer.status = 201;
  answer.Add("Location", "/api/tenants/" + created.slug);
  return answer;
}

Result<Answer> GetTenant(const Context&, Request& request) { return Describe(request.tenant_row()); }

Result<Answer> ChangeTenant(const Context& context, Request& request) {
  auto fields = JsonFields::Read(request, {"application/merge-patch+json", "application/json"});
  if (!fields) return Fail(std::move(fields).error());
  const model::TenantChange change{.name = fields->Text("name"),
                                   .suspended = fields->Boolean("suspended"),
                                   .quota_bytes = fields->IntegerOrNull("quota_bytes")};
  if (auto valid = fields->Finish(); !valid) return Fail(std::move(valid).error());
  const auto written = context.database.writer().Write(
      [&](store::WriteTransaction& transaction) { return transaction.ChangeTenant(request.tenant(), change); });
  if (!written) return Fail(AsFieldError(written.error()));
  const auto tenant = context.database.reader(request.worker()).tenants.FindBySlug(request.tenant_row().slug);
  if (!tenant) return Fail(tenant.error());
  return Describe(*tenant);
}

Result<Answer> DeleteTenant(const Context& context, Request& request) {
  const auto written = context.database.writer().Write(
      [&](store::WriteTransaction& transaction) { return transaction.DeleteTenant(request.tenant()); });
  if (!written) return Fail(written.error());
  return NoContent();
}

}  // namespace portal::control
