#include <string>
#include <utility>

#include "base/json_object.h"
#include "control/budgets.h"
#include "control/handlers.h"
#include "control/json_answers.h"
#include "control/json_fields.h"
#include "store/reader.h"
#include "store/writer.h"

namespace portal::control {

namespace {

using base::Fail;

std::string Json(const model::Tenant& tenant) {
  base::JsonObject json;
  json.Text("slug", tenant.slug).Text("name", tenant.name).Text("bucket", tenant.bucket);
  json.Boolean("suspended", tenant.suspended);
  json.Json("quota_bytes", tenant.quota_bytes ? std::to_string(*tenant.quota_bytes) : "null");
  WriteBudgets(tenant.budgets, json);
  json.Number("blob_bytes", tenant.blob_bytes).Number("contacts", tenant.contacts).Number("jobs", tenant.jobs);
  return json.Time("created_at", tenant.created_at).Done();
}

Answer Describe(const model::Tenant& tenant) {
  Answer answer;
  answer.body = Json(tenant);
  return answer;
}

}  // namespace

Result<Answer> ListTenants(const Context& context, Request& request) {
  const auto tenants = context.database.reader(request.worker()).tenants.All();
  if (!tenants) return Fail(tenants.error());
  base::JsonArray rows;
  for (const model::Tenant& tenant : *tenants) rows.Add(Json(tenant));
  return ListOf(rows);
}

Result<Answer> CreateTenant(const Context& context, Request& request) {
  auto fields = JsonFields::Read(request);
  if (!fields) return Fail(std::move(fields).error());
  const std::string slug = fields->Text("slug").value_or("");
  const std::string name = fields->Text("name").value_or(slug);
  const std::string bucket = fields->Text("bucket").value_or("portal-files-" + slug);
  const auto quota = fields->IntegerOrNull("quota_bytes");
  const model::BudgetChange budgets = ReadBudgets(*fields);
  fields->Require("slug");
  if (auto valid = fields->Finish(); !valid) return Fail(std::move(valid).error());

  model::Tenant created;
  const auto written = context.database.writer().Write([&](store::WriteTransaction& transaction) -> base::Status {
    auto tenant = transaction.CreateTenant(slug, name, bucket);
    if (!tenant) return Fail(std::move(tenant).error());
    created = *std::move(tenant);
    budgets.ApplyTo(created.budgets);
    if (auto set = transaction.SetBudgets(created.id, budgets); !set) return set;
    if (!quota) return {};
    created.quota_bytes = *quota;
    return transaction.ChangeTenant(created.id, {.quota_bytes = quota});
  });
  if (!written) return Fail(AsFieldError(written.error()));
  return CreatedAt("/api/tenants/" + created.slug, Json(created));
}

Result<Answer> GetTenant(const Context&, Request& request) { return Describe(request.tenant_row()); }

Result<Answer> ChangeTenant(const Context& context, Request& request) {
  auto fields = JsonFields::Read(request, {"application/merge-patch+json", "application/json"});
  if (!fields) return Fail(std::move(fields).error());
  const model::TenantChange change{.name = fields->Text("name"),
                                   .suspended = fields->Boolean("suspended"),
                                   .quota_bytes = fields->IntegerOrNull("quota_bytes")};
  const model::BudgetChange budgets = ReadBudgets(*fields);
  if (auto valid = fields->Finish(); !valid) return Fail(std::move(valid).error());
  model::Tenant tenant;
  const auto written = context.database.writer().Write([&](store::WriteTransaction& transaction) -> base::Status {
    // Nobody else writes meanwhile: what a reader sees is what is changed here.
    auto found = context.database.reader(request.worker()).tenants.FindBySlug(request.tenant_row().slug);
    if (!found) return Fail(std::move(found).error());
    tenant = *std::move(found);
    if (change.name) tenant.name = *change.name;
    if (change.suspended) tenant.suspended = *change.suspended;
    if (change.quota_bytes) tenant.quota_bytes = *change.quota_bytes;
    budgets.ApplyTo(tenant.budgets);
    if (auto set = transaction.SetBudgets(request.tenant(), budgets); !set) return set;
    return transaction.ChangeTenant(request.tenant(), change);
  });
  if (!written) return Fail(AsFieldError(written.error()));
  return Describe(tenant);
}

Result<Answer> DeleteTenant(const Context& context, Request& request) {
  const auto written = context.database.writer().Write(
      [&](store::WriteTransaction& transaction) { return transaction.DeleteTenant(request.tenant()); });
  if (!written) return Fail(written.error());
  return NoContent();
}

}  // namespace portal::control
