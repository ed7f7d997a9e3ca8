#include "cli/words/families.h"

namespace portal::cli {

void AddCompletionWords(Words& app) {
  using Shell = CompletionCommand::Shell;
  Words family = app.Family("completion", "Print a script with which a shell completes this command line");
  for (const auto& [name, help, shell] :
       {std::tuple{"bash", "For ~/.bashrc: source <(portal-appliance completion bash)", Shell::kBash},
        std::tuple{"zsh", "For ~/.zshrc, behind compinit: source <(portal-appliance completion zsh)", Shell::kZsh},
        std::tuple{"fish", "For config.fish: portal-appliance completion fish | source", Shell::kFish}}) {
    family.Add(name, help, [shell = shell] { return CompletionCommand{shell}; });
  }
}

}  // namespace portal::cli
