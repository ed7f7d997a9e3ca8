#include <memory>

#include "base/duration.h"
#include "cli/words/families.h"

namespace portal::cli {
namespace {

constexpr std::chrono::hours kLongestLife{24 * 36'500};

struct Given {
  TokenCommand command;
  std::optional<std::string> expires;
};

tl::expected<Command, std::string> Make(Given& given, TokenCommand::Action action) {
  given.command.action = action;
  if (given.expires) {
    given.command.expires_in = base::ParseDuration(*given.expires);
    if (!given.command.expires_in || given.command.expires_in->count() <= 0 ||
        *given.command.expires_in > kLongestLife) {
      return tl::unexpected("--expires: \"" + *given.expires + "\" is no duration, expected one as in 30d or 12h");
    }
  }
  return given.command;
}

}  // namespace

void AddTokenWords(Words& app) {
  using Action = TokenCommand::Action;
  const auto given = std::make_shared<Given>();
  TokenCommand& token = given->command;
  Words family = app.Family("token", "Secrets with which clients identify themselves");
  const auto add = [&](const std::string& name, const std::string& help, Action action) {
    Words command = family.Add(name, help, [given, action] { return Make(*given, action); });
    command.Json(token.json);
    return command;
  };
  Words create = add("create", "Make a token and print it, this once", Action::kCreate);
  create.Option("--client", token.client, "Whose token").Required();
  create.Option("--label", token.label, "What it is for");
  create.Option("--expires", given->expires, "How long it works, as in 30d; by default until revoked");
  add("list", "Show tokens, but not their secrets", Action::kList)
      .Option("--tenant", token.tenant, "Only this tenant's");
  add("revoke", "End a token", Action::kRevoke).Option("ID", token.id, "tok_…, from the list").Required();
}

}  // namespace portal::cli
