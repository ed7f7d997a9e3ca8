#include <memory>

#include "cli/words/families.h"
#include "service/tokens.h"

namespace portal::cli {
namespace {

struct Given {
  TokenCommand command;
  std::optional<std::string> expires;
  std::optional<std::string> scopes;
};

/// The line's scopes, or what a client's token has where it names none. An operator's has no such default: what fits a
/// dashboard would be too little for a person, and the other way round too much.
tl::expected<model::Scopes, std::string> ScopesOf(const Given& given) {
  const bool for_operator = given.command.for_operator;
  if (!given.scopes && !for_operator) return model::kReadScope;
  const auto scopes = model::ParseScopes(given.scopes.value_or(""));
  if (scopes && scopes->Within(for_operator ? model::kOperatorScopes : model::kClientScopes)) return *scopes;
  const std::string known = for_operator ? "admin, metrics or admin,metrics, as an operator's token has them"
                                         : "read, write or read,write, as a client's token has them";
  return tl::unexpected(given.scopes ? "--scopes: \"" + *given.scopes + "\" is not one of " + known
                                     : "--operator needs --scopes too: one of " + known);
}

tl::expected<Command, std::string> Make(Given& given, TokenCommand::Action action) {
  given.command.action = action;
  if (action == TokenCommand::Action::kCreate) {
    if (given.command.for_operator == !given.command.client.empty()) {
      return tl::unexpected(
          std::string("token create: give --client CLIENT, or --operator for whoever looks after the portal"));
    }
    const auto scopes = ScopesOf(given);
    if (!scopes) return tl::unexpected(scopes.error());
    given.command.scopes = *scopes;
  }
  if (given.expires) {
    given.command.expires_in = service::ParseTokenLife(*given.expires);
    if (!given.command.expires_in) {
      return tl::unexpected("--expires: \"" + *given.expires + "\" is no duration, expected " +
                            std::string(service::kTokenLifeForm));
    }
  }
  return given.command;
}

}  // namespace

void AddTokenWords(Words& app) {
  using Action = TokenCommand::Action;
  const auto given = std::make_shared<Given>();
  TokenCommand& token = given->command;
  Words family = app.Family("token", "Secrets with which clients and operators identify themselves");
  const auto add = [&](const std::string& name, const std::string& help, Action action) {
    Words command = family.Add(name, help, [given, action] { return Make(*given, action); });
    command.Json(token.json);
    return command;
  };
  Words create = add("create", "Make a token and print it, this once", Action::kCreate);
  create.Option("--client", token.client, "Whose token");
  create.Flag("--operator", token.for_operator, "A token for whoever looks after the portal: belongs to no tenant");
  create.Option("--scopes", given->scopes, "read,write of a client, by default read; admin,metrics of an operator");
  create.Option("--label", token.label, "What it is for");
  create.Option("--expires", given->expires, "How long it works, as in 30d; by default until revoked");
  add("list", "Show tokens, but not their secrets", Action::kList)
      .Option("--tenant", token.tenant, "Only this tenant's, and no operator's");
  add("revoke", "End a token", Action::kRevoke).Option("ID", token.id, "tok_…, from the list").Required();
}

}  // namespace portal::cli
