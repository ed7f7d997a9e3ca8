#include <memory>

#include "cli/words/families.h"

namespace portal::cli {

void AddAdminWords(Words& app) {
  struct Given {
    AdminCommand command;
    bool remove = false;
  };
  const auto given = std::make_shared<Given>();
  Words family = app.Family("admin", "Who may sign in to the admin page");
  Words password =
      family.Add("password", "Set the operators' password: typed, or the first line of standard input", [given] {
        using Action = AdminCommand::Action;
        if (given->remove) given->command.action = Action::kRemovePassword;
        return given->command;
      });
  password.Flag("--remove", given->remove, "Have no password: tokens alone open the page");
  password.Json(given->command.json);
}

}  // namespace portal::cli
