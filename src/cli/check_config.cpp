#include "cli/commands.h"
#include "cli/exit_code.h"
#include "config/describe.h"

namespace portal::cli {

int CheckConfig(const CheckConfigCommand& command, const config::Loaded& loaded, Console& console) {
  if (command.defaults && command.json) {
    const auto defaults = config::Load({.flags = {}, .config_flag = {}, .environment = {}, .default_file = {}});
    console.Data(config::EffectiveAsJson(defaults.value()));
  } else if (command.defaults) {
    console.Data(config::DefaultsAsToml());
  } else if (command.json) {
    console.Data(config::EffectiveAsJson(loaded));
  } else {
    console.Data(config::EffectiveAsToml(loaded));
  }
  return kExitOk;
}

}  // namespace portal::cli
