#include <stdexcept>

#include "app/run.h"
#include "cli/commands.h"
#include "cli/exit_code.h"

namespace portal::cli {
namespace {

int ExitCodeFor(app::RunOutcome outcome) {
  switch (outcome) {
    case app::RunOutcome::kStopped:
      return kExitOk;
    case app::RunOutcome::kBadConfig:
      return kExitConfig;
    case app::RunOutcome::kCannotBind:
      return kExitBind;
    case app::RunOutcome::kNoStore:
      return kExitDatabase;
  }
  throw std::logic_error("an outcome outside of the enum");
}

}  // namespace

int Serve(const ServeCommand& command, const config::Loaded& loaded, Console&) {
  app::RunOptions options;
  options.seed = command.seed;
  options.data_dir_given = loaded.OriginOf("data_dir").layer != config::Origin::Layer::kDefault;
  return ExitCodeFor(app::Run(loaded.config, options));
}

}  // namespace portal::cli
