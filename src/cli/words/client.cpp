#include <memory>

#include "cli/words/budget.h"
#include "cli/words/families.h"

namespace portal::cli {

void AddClientWords(Words& app) {
  using Action = ClientCommand::Action;
  const auto given = std::make_shared<ClientCommand>();
  Words family = app.Family("client", "Programs that may ask for a tenant's data");
  const auto add = [&](const std::string& name, const std::string& help, Action action) {
    Words command = family.Add(name, help, [given, action] {
      given->action = action;
      return *given;
    });
    command.Json(given->json);
    return command;
  };
  Words create = add("create", "Add a client", Action::kCreate);
  create.Option("--tenant", given->tenant, "Whose data it sees").Required();
  create.Option("--id", given->id, "Its public name: 1 to 64 of A-Z, a-z, 0-9, _, . and -").Required();
  create.Option("--name", given->name, "What it is, for people; by default the id");
  add("list", "Show clients", Action::kList).Option("--tenant", given->tenant, "Only this tenant's");
  add("revoke", "End a client with its tokens and signed URLs", Action::kRevoke)
      .Option("ID", given->id, "The client")
      .Required();
  add("delete", "As revoke, and nothing of it is left", Action::kDelete)
      .Option("ID", given->id, "The client")
      .Required();

  const auto budget = std::make_shared<BudgetGiven>();
  Words set_budget =
      family.Add("budget", "Limit its requests", [given, budget]() -> tl::expected<Command, std::string> {
        given->action = Action::kBudget;
        auto change = ReadBudget(*budget);
        if (!change) return tl::unexpected(std::move(change.error()));
        given->budgets = *change;
        return *given;
      });
  set_budget.Option("ID", given->id, "The client").Required();
  AddBudgetWords(set_budget, *budget, "what the configuration says");
  set_budget.Json(given->json);
}

}  // namespace portal::cli
