#include "crypto/token.h"

#include <set>

#include "base/time_text.h"
#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/json_object.h"
#include "cli/open_store.h"
#include "cli/text_table.h"
#include "crypto/hash.h"
#include "crypto/random.h"

namespace portal::cli {
namespace {

/// Why a token is refused, the reason that will not change first; else `active`.
std::string_view StateOf(const model::Token& token, bool client_revoked, bool tenant_suspended, base::WallTime now) {
  if (token.revoked_at) return "revoked";
  if (client_revoked) return "client revoked";
  if (token.expires_at && *token.expires_at <= now) return "expired";
  if (tenant_suspended) return "tenant suspended";
  return "active";
}

base::Result<std::set<std::string>> RevokedClients(const base::TenantId& tenant, OpenedStore& store) {
  const auto clients = store.reader().tenants.Clients(tenant);
  if (!clients) return base::Fail(clients.error());
  std::set<std::string> revoked;
  for (const model::Client& client : *clients) {
    if (client.revoked) revoked.insert(client.id.value());
  }
  return revoked;
}

/// A token of a revoked client would be born dead, and whoever got it would look for the fault elsewhere.
base::Status CheckNotRevoked(const base::TenantId& tenant, const std::string& client, OpenedStore& store) {
  const auto revoked = RevokedClients(tenant, store);
  if (!revoked) return base::Fail(revoked.error());
  if (!revoked->contains(client)) return {};
  return base::Fail(base::ErrorCode::kConflict,
                    "client " + client + " is revoked for good; create another with: portal-appliance client create");
}

int Create(const TokenCommand& command, OpenedStore& store, Console& console) {
  const auto owner = OwnerOf(store, command.client);
  if (!owner) return console.Fail(owner.error());
  if (auto active = CheckNotRevoked(*owner, command.client, store); !active) return console.Fail(active.error());
  const std::string secret = crypto::NewBearerToken();
  model::Token token;
  token.id = crypto::RandomId("tok_", 20);
  token.client = base::ClientId{command.client};
  token.label = command.label;
  token.created_at = store.clock().Wall();
  if (command.expires_in) token.expires_at = token.created_at + *command.expires_in;
  const auto written = store.writer().Write([&](store::WriteTransaction& transaction) {
    return transaction.CreateToken(*owner, token, crypto::Sha256(secret));
  });
  if (!written) return console.Fail(written.error());
  if (command.json) {
    JsonObject json;
    json.Text("id", token.id).Text("token", secret).Text("client", command.client).Text("label", token.label);
    json.Time("created_at", token.created_at).Time("expires_at", token.expires_at);
    console.Data(json.Line());
  } else {
    console.Data(secret + "\n");
  }
  console.Message("token " + token.id + " created; keep the secret now, it is never shown again");
  return kExitOk;
}

int List(const TokenCommand& command, OpenedStore& store, Console& console) {
  const auto tenants = TenantsNamed(store, command.tenant);
  if (!tenants) return console.Fail(tenants.error());
  const base::WallTime now = store.clock().Wall();
  JsonArray json;
  std::vector<std::vector<std::string>> rows = {{"TOKEN", "TENANT", "CLIENT", "STATE", "EXPIRES", "CREATED", "LABEL"}};
  for (const model::Tenant& tenant : *tenants) {
    const auto tokens = store.reader().tenants.Tokens(tenant.id);
    if (!tokens) return console.Fail(tokens.error());
    const auto revoked = RevokedClients(tenant.id, store);
    if (!revoked) return console.Fail(revoked.error());
    for (const model::Token& token : *tokens) {
      const std::string state(StateOf(token, revoked->contains(token.client.value()), tenant.suspended, now));
      JsonObject row;
      row.Text("id", token.id).Text("tenant", tenant.slug).Text("client", token.client.value());
      row.Text("label", token.label).Text("state", state).Time("created_at", token.created_at);
      row.Time("expires_at", token.expires_at).Time("revoked_at", token.revoked_at);
      json.Add(row.Done());
      rows.push_back({token.id, tenant.slug, token.client.value(), state,
                      token.expires_at ? base::FormatRfc3339(*token.expires_at) : "never",
                      base::FormatRfc3339(token.created_at), token.label});
    }
  }
  console.Data(command.json ? json.Line() : TextTable(rows));
  return kExitOk;
}

/// A token's id does not say whose it is, so every tenant is asked.
base::Status RevokeAnywhere(const std::string& id, OpenedStore& store) {
  const auto tenants = store.reader().tenants.All();
  if (!tenants) return base::Fail(tenants.error());
  for (const model::Tenant& tenant : *tenants) {
    auto revoked = store.writer().Write(
        [&](store::WriteTransaction& transaction) { return transaction.RevokeToken(tenant.id, id); });
    if (revoked || revoked.error().code != base::ErrorCode::kNotFound) return revoked;
  }
  return base::Fail(base::ErrorCode::kNotFound,
                    "there is no token " + id + "; `portal-appliance token list` shows them");
}

int Revoke(const TokenCommand& command, OpenedStore& store, Console& console) {
  const auto revoked = RevokeAnywhere(command.id, store);
  if (!revoked) return console.Fail(revoked.error());
  if (command.json) console.Data(JsonObject().Text("id", command.id).Boolean("revoked", true).Line());
  console.Message("token " + command.id + " revoked");
  return kExitOk;
}

}  // namespace

int Token(const TokenCommand& command, const config::Config& config, Console& console) {
  using Action = TokenCommand::Action;
  auto store = OpenedStore::Open(config, app::DataFolder::Create::kNo);
  if (!store) return console.Fail(store.error());
  switch (command.action) {
    case Action::kCreate:
      return Create(command, **store, console);
    case Action::kList:
      return List(command, **store, console);
    case Action::kRevoke:
      return Revoke(command, **store, console);
  }
  return kExitFailure;
}

}  // namespace portal::cli
