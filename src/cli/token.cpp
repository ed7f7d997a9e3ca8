#include "crypto/token.h"

#include <set>

#include "base/time_text.h"
#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/json_object.h"
#include "cli/open_store.h"
#include "cli/text_table.h"
#include "service/tokens.h"

namespace portal::cli {
namespace {

/// Why a token is refused, the reason that will not change first; else `active`.
template <typename Token>
std::string_view StateOf(const Token& token, bool client_revoked, bool tenant_suspended, base::WallTime now) {
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

std::string Json(model::Scopes scopes) {
  JsonArray names;
  for (const auto& [name, scope] : model::kScopeNames) {
    if (scopes.Has(scope)) names.AddText(name);
  }
  return names.Done();
}

/// Shows a new token's secret, the only time that it can be shown.
template <typename Token>
int Show(const TokenCommand& command, const service::IssuedToken<Token>& issued, Console& console) {
  const Token& token = issued.token;
  if (command.json) {
    JsonObject json;
    json.Text("id", token.id).Text("token", issued.secret);
    if (!command.for_operator) json.Text("client", command.client);
    json.Json("scopes", Json(token.scopes)).Text("label", token.label);
    console.Data(json.Time("created_at", token.created_at).Time("expires_at", token.expires_at).Line());
  } else {
    console.Data(issued.secret + "\n");
  }
  console.Message("token " + token.id + " created (" + model::ToText(token.scopes) +
                  "); keep the secret now, it is never shown again");
  return kExitOk;
}

int Create(const TokenCommand& command, OpenedStore& store, Console& console) {
  const base::WallTime now = store.clock().Wall();
  service::TokenWish wish{.label = command.label, .scopes = command.scopes};
  if (command.expires_in) wish.expires_at = now + *command.expires_in;
  if (command.for_operator) {
    const auto issued = service::IssueOperatorToken(store.writer(), std::move(wish), now);
    return issued ? Show(command, *issued, console) : console.Fail(issued.error());
  }
  const auto owner = OwnerOf(store, command.client);
  if (!owner) return console.Fail(owner.error());
  const auto issued =
      service::IssueClientToken(store.writer(), *owner, base::ClientId{command.client}, std::move(wish), now);
  return issued ? Show(command, *issued, console) : console.Fail(issued.error());
}

std::string TimeOr(std::optional<base::WallTime> time, std::string_view otherwise) {
  return time ? base::FormatRfc3339(*time) : std::string(otherwise);
}

/// The list of tokens as it grows, in both of its forms.
class TokenList {
 public:
  /// `tenant` and `client` are empty for an operator's.
  template <typename Token>
  void Add(const Token& token, const std::string& tenant, const std::string& client, std::string_view state) {
    JsonObject row;
    row.Text("id", token.id);
    if (!tenant.empty()) row.Text("tenant", tenant).Text("client", client);
    row.Text("label", token.label).Text("state", state).Json("scopes", Json(token.scopes));
    row.Time("created_at", token.created_at).Time("expires_at", token.expires_at);
    row.Time("revoked_at", token.revoked_at).Time("last_used_at", token.last_used_at);
    json_.Add(row.Done());
    const bool of_operator = tenant.empty();
    rows_.push_back({token.id, of_operator ? "-" : tenant, of_operator ? "(operator)" : client, std::string(state),
                     model::ToText(token.scopes), TimeOr(token.expires_at, "never"),
                     TimeOr(token.last_used_at, "never"), base::FormatRfc3339(token.created_at), token.label});
  }
  std::string Text(bool json) const { return json ? json_.Line() : TextTable(rows_); }

 private:
  JsonArray json_;
  std::vector<std::vector<std::string>> rows_ = {
      {"TOKEN", "TENANT", "CLIENT", "STATE", "SCOPES", "EXPIRES", "LAST USED", "CREATED", "LABEL"}};
};

base::Status AddTokensOf(const model::Tenant& tenant, OpenedStore& store, base::WallTime now, TokenList& list) {
  const auto tokens = store.reader().tenants.Tokens(tenant.id);
  if (!tokens) return base::Fail(tokens.error());
  const auto revoked = RevokedClients(tenant.id, store);
  if (!revoked) return base::Fail(revoked.error());
  for (const model::Token& token : *tokens) {
    const std::string& client = token.client.value();
    list.Add(token, tenant.slug, client, StateOf(token, revoked->contains(client), tenant.suspended, now));
  }
  return {};
}

int List(const TokenCommand& command, OpenedStore& store, Console& console) {
  const base::WallTime now = store.clock().Wall();
  TokenList list;
  if (command.tenant.empty()) {
    const auto tokens = store.reader().tenants.OperatorTokens();
    if (!tokens) return console.Fail(tokens.error());
    for (const model::OperatorToken& token : *tokens) list.Add(token, "", "", StateOf(token, false, false, now));
  }
  const auto tenants = TenantsNamed(store, command.tenant);
  if (!tenants) return console.Fail(tenants.error());
  for (const model::Tenant& tenant : *tenants) {
    if (auto added = AddTokensOf(tenant, store, now, list); !added) return console.Fail(added.error());
  }
  console.Data(list.Text(command.json));
  return kExitOk;
}

/// Somebody who pastes the token itself must not find it in a terminal's or a job's log.
std::string NoSuchToken(const std::string& id) {
  constexpr std::string_view kRemedy = "`portal-appliance token list` shows them";
  if (id.starts_with(crypto::kBearerTokenPrefix)) {
    return "this is a token itself; give the id of one: " + std::string(kRemedy);
  }
  return "there is no token " + id + "; " + std::string(kRemedy);
}

/// A token's id does not say whose it is, so every tenant is asked, and the operators.
base::Status RevokeAnywhere(const std::string& id, OpenedStore& store) {
  const auto tenants = store.reader().tenants.All();
  if (!tenants) return base::Fail(tenants.error());
  return store.writer().Write([&](store::WriteTransaction& transaction) {
    auto revoked = transaction.RevokeOperatorToken(id);
    const auto is_elsewhere = [&] { return !revoked && revoked.error().code == base::ErrorCode::kNotFound; };
    for (auto tenant = tenants->begin(); is_elsewhere() && tenant != tenants->end(); ++tenant) {
      revoked = transaction.RevokeToken(tenant->id, id);
    }
    if (is_elsewhere()) revoked.error().detail = NoSuchToken(id);
    return revoked;
  });
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
