#include "base/time_text.h"
#include "cli/budget_text.h"
#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/json_object.h"
#include "cli/open_store.h"
#include "cli/text_table.h"
#include "service/budget_fields.h"

namespace portal::cli {
namespace {

std::string Json(const model::Tenant& tenant) {
  JsonObject json;
  json.Text("slug", tenant.slug).Text("name", tenant.name).Text("bucket", tenant.bucket);
  json.Boolean("suspended", tenant.suspended).Time("created_at", tenant.created_at);
  json.Json("quota_bytes", tenant.quota_bytes ? std::to_string(*tenant.quota_bytes) : "null");
  json.Number("blob_bytes", tenant.blob_bytes);
  service::WriteBudgets(tenant.budgets, json);
  return json.Done();
}

int Create(const TenantCommand& command, OpenedStore& store, Console& console) {
  const std::string name = command.name.empty() ? command.slug : command.name;
  const std::string bucket = command.bucket.empty() ? "portal-files-" + command.slug : command.bucket;
  model::Tenant created;
  const auto written = store.writer().Write([&](store::WriteTransaction& transaction) -> base::Status {
    auto tenant = transaction.CreateTenant(command.slug, name, bucket);
    if (!tenant) return base::Fail(std::move(tenant.error()));
    created = std::move(*tenant);
    return {};
  });
  if (!written) return console.Fail(written.error());
  console.Data((command.json ? Json(created) : created.slug) + "\n");
  console.Message("tenant " + created.slug + " created; its files are in the bucket " + created.bucket);
  return kExitOk;
}

int List(const TenantCommand& command, OpenedStore& store, Console& console) {
  const auto tenants = store.reader().tenants.All();
  if (!tenants) return console.Fail(tenants.error());
  JsonArray json;
  std::vector<std::vector<std::string>> rows = {{"SLUG", "NAME", "BUCKET", "STATE", "CREATED", "BUDGETS"}};
  for (const model::Tenant& tenant : *tenants) {
    json.Add(Json(tenant));
    rows.push_back({tenant.slug, tenant.name, tenant.bucket, tenant.suspended ? "suspended" : "active",
                    base::FormatRfc3339(tenant.created_at), BudgetText(tenant.budgets)});
  }
  console.Data(command.json ? json.Line() : TextTable(rows));
  return kExitOk;
}

int SetSuspended(const TenantCommand& command, bool suspended, OpenedStore& store, Console& console) {
  auto tenant = store.reader().tenants.FindBySlug(command.slug);
  if (!tenant) return console.Fail(tenant.error());
  const auto written = store.writer().Write([&](store::WriteTransaction& transaction) {
    return transaction.ChangeTenant(tenant->id, {.suspended = suspended});
  });
  if (!written) return console.Fail(written.error());
  tenant->suspended = suspended;
  if (command.json) console.Data(Json(*tenant) + "\n");
  console.Message("tenant " + tenant->slug + (suspended ? " suspended" : " resumed"));
  return kExitOk;
}

int Delete(const TenantCommand& command, OpenedStore& store, Console& console) {
  const auto tenant = store.reader().tenants.FindBySlug(command.slug);
  if (!tenant) return console.Fail(tenant.error());
  if (!command.confirm) {
    console.Error("this deletes " + std::to_string(tenant->contacts) + " contacts, " + std::to_string(tenant->jobs) +
                  " jobs and " + std::to_string(tenant->blob_bytes) + " bytes of files of " + tenant->slug +
                  " for good; say --confirm to do it");
    return kExitUsage;
  }
  const auto written =
      store.writer().Write([&](store::WriteTransaction& transaction) { return transaction.DeleteTenant(tenant->id); });
  if (!written) return console.Fail(written.error());
  if (command.json) console.Data(Json(*tenant) + "\n");
  console.Message("tenant " + tenant->slug +
                  " deleted; its rows and files are purged once deletion.retention is over, or by `purge --all`");
  return kExitOk;
}

int SetQuota(const TenantCommand& command, OpenedStore& store, Console& console) {
  auto tenant = store.reader().tenants.FindBySlug(command.slug);
  if (!tenant) return console.Fail(tenant.error());
  const auto written = store.writer().Write([&](store::WriteTransaction& transaction) {
    return transaction.ChangeTenant(tenant->id, {.quota_bytes = command.quota_bytes});
  });
  if (!written) return console.Fail(written.error());
  tenant->quota_bytes = command.quota_bytes;
  if (command.json) console.Data(Json(*tenant) + "\n");
  console.Message("tenant " + tenant->slug + " may have " +
                  (command.quota_bytes ? std::to_string(*command.quota_bytes) + " bytes of files"
                                       : std::string("files without limit")) +
                  "; it has " + std::to_string(tenant->blob_bytes));
  return kExitOk;
}

int SetBudget(const TenantCommand& command, OpenedStore& store, Console& console) {
  auto tenant = store.reader().tenants.FindBySlug(command.slug);
  if (!tenant) return console.Fail(tenant.error());
  const auto written = store.writer().Write(
      [&](store::WriteTransaction& transaction) { return transaction.SetBudgets(tenant->id, command.budgets); });
  if (!written) return console.Fail(written.error());
  command.budgets.ApplyTo(tenant->budgets);
  if (command.json) console.Data(Json(*tenant) + "\n");
  console.Message("budgets of tenant " + tenant->slug + " as a whole: " + BudgetText(tenant->budgets));
  return kExitOk;
}

}  // namespace

int Tenant(const TenantCommand& command, const config::Config& config, Console& console) {
  using Action = TenantCommand::Action;
  if (command.action != Action::kList && !model::IsTenantSlug(command.slug)) {
    console.Error("\"" + command.slug + "\" is no tenant's short name: 1 to 40 of a-z, 0-9 and -, not - first or last");
    return kExitUsage;
  }
  // The first thing anybody does with a new folder is to create a tenant in it.
  const auto create = command.action == Action::kCreate ? app::DataFolder::Create::kYes : app::DataFolder::Create::kNo;
  auto store = OpenedStore::Open(config, create);
  if (!store) return console.Fail(store.error());
  switch (command.action) {
    case Action::kCreate:
      return Create(command, **store, console);
    case Action::kList:
      return List(command, **store, console);
    case Action::kSuspend:
      return SetSuspended(command, true, **store, console);
    case Action::kResume:
      return SetSuspended(command, false, **store, console);
    case Action::kDelete:
      return Delete(command, **store, console);
    case Action::kQuota:
      return SetQuota(command, **store, console);
    case Action::kBudget:
      return SetBudget(command, **store, console);
  }
  return kExitFailure;
}

}  // namespace portal::cli
