#include <algorithm>

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

std::string Json(const model::Client& client, const std::string& tenant) {
  JsonObject json;
  json.Text("id", client.id.value()).Text("tenant", tenant).Text("name", client.name);
  json.Boolean("revoked", client.revoked).Time("created_at", client.created_at);
  service::WriteBudgets(client.budgets, json);
  return json.Done();
}

int Create(const ClientCommand& command, OpenedStore& store, Console& console) {
  const auto tenant = store.reader().tenants.FindBySlug(command.tenant);
  if (!tenant) return console.Fail(tenant.error());
  model::Client client;
  client.id = base::ClientId{command.id};
  client.tenant = tenant->id;
  client.name = command.name.empty() ? command.id : command.name;
  client.created_at = store.clock().Wall();
  const auto written =
      store.writer().Write([&](store::WriteTransaction& transaction) { return transaction.CreateClient(client); });
  if (!written) return console.Fail(written.error());
  console.Data((command.json ? Json(client, tenant->slug) : client.id.value()) + "\n");
  console.Message("client " + command.id + " of " + tenant->slug + " created; next: portal-appliance token create " +
                  "--client " + command.id);
  return kExitOk;
}

int List(const ClientCommand& command, OpenedStore& store, Console& console) {
  const auto tenants = TenantsNamed(store, command.tenant);
  if (!tenants) return console.Fail(tenants.error());
  JsonArray json;
  std::vector<std::vector<std::string>> rows = {{"CLIENT", "TENANT", "NAME", "STATE", "CREATED", "BUDGETS"}};
  for (const model::Tenant& tenant : *tenants) {
    const auto clients = store.reader().tenants.Clients(tenant.id);
    if (!clients) return console.Fail(clients.error());
    for (const model::Client& client : *clients) {
      json.Add(Json(client, tenant.slug));
      rows.push_back({client.id.value(), tenant.slug, client.name, client.revoked ? "revoked" : "active",
                      base::FormatRfc3339(client.created_at), BudgetText(client.budgets)});
    }
  }
  console.Data(command.json ? json.Line() : TextTable(rows));
  return kExitOk;
}

/// Ends the client, and forgets it where `forget` is set.
int End(const ClientCommand& command, bool forget, OpenedStore& store, Console& console) {
  const auto owner = OwnerOf(store, command.id);
  if (!owner) return console.Fail(owner.error());
  const base::ClientId client{command.id};
  const auto written = store.writer().Write([&](store::WriteTransaction& transaction) {
    return forget ? transaction.DeleteClient(*owner, client) : transaction.RevokeClient(*owner, client);
  });
  if (!written) return console.Fail(written.error());
  const std::string done = forget ? "deleted" : "revoked";
  if (command.json) console.Data(JsonObject().Text("id", command.id).Boolean(done, true).Line());
  console.Message("client " + command.id + " " + done + ", with its tokens and signed URLs");
  return kExitOk;
}

struct OwnedClient {
  std::string tenant;
  model::Client client;
};

/// kNotFound names the client.
base::Result<OwnedClient> Find(const std::string& id, OpenedStore& store) {
  const auto owner = OwnerOf(store, id);
  if (!owner) return base::Fail(owner.error());
  const auto tenants = store.reader().tenants.All();
  if (!tenants) return base::Fail(tenants.error());
  const auto clients = store.reader().tenants.Clients(*owner);
  if (!clients) return base::Fail(clients.error());
  const auto tenant = std::ranges::find(*tenants, *owner, &model::Tenant::id);
  const auto client = std::ranges::find(*clients, base::ClientId{id}, &model::Client::id);
  if (tenant == tenants->end() || client == clients->end()) {
    return base::Fail(base::ErrorCode::kNotFound, "the client " + id + " was deleted just now");
  }
  return OwnedClient{tenant->slug, *client};
}

int SetBudget(const ClientCommand& command, OpenedStore& store, Console& console) {
  auto found = Find(command.id, store);
  if (!found) return console.Fail(found.error());
  model::Client& client = found->client;
  const auto written = store.writer().Write([&](store::WriteTransaction& transaction) {
    return transaction.SetBudgets(client.tenant, client.id, command.budgets);
  });
  if (!written) return console.Fail(written.error());
  command.budgets.ApplyTo(client.budgets);
  if (command.json) console.Data(Json(client, found->tenant) + "\n");
  console.Message("budgets of client " + command.id + ": " + BudgetText(client.budgets));
  return kExitOk;
}

}  // namespace

int Client(const ClientCommand& command, const config::Config& config, Console& console) {
  using Action = ClientCommand::Action;
  if (command.action == Action::kCreate && !model::IsClientId(command.id)) {
    console.Error("\"" + command.id + "\" is no client's id: 1 to 64 of A-Z, a-z, 0-9, _, . and -");
    return kExitUsage;
  }
  auto store = OpenedStore::Open(config, app::DataFolder::Create::kNo);
  if (!store) return console.Fail(store.error());
  switch (command.action) {
    case Action::kCreate:
      return Create(command, **store, console);
    case Action::kList:
      return List(command, **store, console);
    case Action::kRevoke:
      return End(command, false, **store, console);
    case Action::kDelete:
      return End(command, true, **store, console);
    case Action::kBudget:
      return SetBudget(command, **store, console);
  }
  return kExitFailure;
}

}  // namespace portal::cli
