#include <algorithm>
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

using base::ErrorCode;
using base::Fail;

std::string Json(const model::Client& client) {
  base::JsonObject json;
  json.Text("id", client.id.value()).Text("name", client.name).Boolean("revoked", client.revoked);
  WriteBudgets(client.budgets, json);
  return json.Time("created_at", client.created_at).Done();
}

Result<model::Client> FindClient(const Context& context, const Request& request) {
  auto clients = context.database.reader(request.worker()).tenants.Clients(request.tenant());
  if (!clients) return Fail(std::move(clients).error());
  const auto at =
      std::ranges::find(*clients, request.Path("client"),
                        [](const model::Client& client) -> const std::string& { return client.id.value(); });
  if (at == clients->end()) return Fail(ErrorCode::kNotFound, "Client not found");
  return *at;
}

}  // namespace

Result<Answer> ListClients(const Context& context, Request& request) {
  const auto clients = context.database.reader(request.worker()).tenants.Clients(request.tenant());
  if (!clients) return Fail(clients.error());
  base::JsonArray rows;
  for (const model::Client& client : *clients) rows.Add(Json(client));
  return ListOf(rows);
}

Result<Answer> CreateClient(const Context& context, Request& request) {
  auto fields = JsonFields::Read(request);
  if (!fields) return Fail(std::move(fields).error());
  model::Client client;
  client.id = base::ClientId(fields->Text("id").value_or(""));
  client.name = fields->Text("name").value_or(client.id.value());
  client.tenant = request.tenant();
  client.created_at = request.now();
  const model::BudgetChange budgets = ReadBudgets(*fields);
  fields->Require("id");
  if (auto valid = fields->Finish(); !valid) return Fail(std::move(valid).error());
  const auto written = context.database.writer().Write([&](store::WriteTransaction& transaction) -> base::Status {
    if (auto created = transaction.CreateClient(client); !created) return created;
    return transaction.SetBudgets(client.tenant, client.id, budgets);
  });
  if (!written) return Fail(AsFieldError(written.error()));
  budgets.ApplyTo(client.budgets);
  return CreatedAt("/api/tenants/" + request.tenant_row().slug + "/clients/" + client.id.value(), Json(client));
}

Result<Answer> ChangeClient(const Context& context, Request& request) {
  auto fields = JsonFields::Read(request, {"application/merge-patch+json", "application/json"});
  if (!fields) return Fail(std::move(fields).error());
  const auto revoked = fields->Boolean("revoked");
  const model::BudgetChange budgets = ReadBudgets(*fields);
  if (revoked == false) fields->Refuse("revoked", "A revocation is for good: create another client instead");
  if (auto valid = fields->Finish(); !valid) return Fail(std::move(valid).error());
  auto client = FindClient(context, request);
  if (!client) return Fail(client.error());
  if (revoked || !budgets.empty()) {
    const auto written = context.database.writer().Write([&](store::WriteTransaction& transaction) -> base::Status {
      if (auto set = transaction.SetBudgets(request.tenant(), client->id, budgets); !set) return set;
      return revoked ? transaction.RevokeClient(request.tenant(), client->id) : base::Status{};
    });
    if (!written) return Fail(written.error());
    client->revoked = client->revoked || revoked;
    budgets.ApplyTo(client->budgets);
  }
  Answer answer;
  answer.body = Json(*client);
  return answer;
}

Result<Answer> DeleteClient(const Context& context, Request& request) {
  const auto written = context.database.writer().Write([&](store::WriteTransaction& transaction) {
    return transaction.DeleteClient(request.tenant(), base::ClientId(request.Path("client")));
  });
  if (!written) return Fail(written.error());
  return NoContent();
}

}  // namespace portal::control
