#include <memory>

#include "cli/words/families.h"

namespace portal::cli {

void AddTenantWords(Words& app) {
  using Action = TenantCommand::Action;
  const auto given = std::make_shared<TenantCommand>();
  Words family = app.Family("tenant", "Companies whose data is kept apart");
  const auto add = [&](const std::string& name, const std::string& help, Action action) {
    Words command = family.Add(name, help, [given, action] {
      given->action = action;
      return *given;
    });
    command.Json(given->json);
    return command;
  };
  Words create = add("create", "Add a tenant", Action::kCreate);
  create.Option("SLUG", given->slug, "Its short name: 1 to 40 of a-z, 0-9 and -").Required();
  create.Option("--name", given->name, "Its full name; by default the slug");
  create.Option("--bucket", given->bucket, "The first part of its signed URLs' paths; by default portal-files-SLUG");
  add("list", "Show every tenant", Action::kList);
  for (const auto& [name, help, action] :
       {std::tuple{"suspend", "Refuse all its tokens and signed URLs, until resumed", Action::kSuspend},
        std::tuple{"resume", "Let it in again", Action::kResume}}) {
    add(name, help, action).Option("SLUG", given->slug, "The tenant's short name").Required();
  }
}

}  // namespace portal::cli
