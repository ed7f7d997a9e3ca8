#include "app/run.h"
#include "cli/commands.h"
#include "cli/exit_code.h"

namespace portal::cli {

int Serve(const ServeCommand& command, const config::Loaded& loaded) {
  app::RunOptions options;
  options.seed = command.seed;
  options.data_dir_given = loaded.OriginOf("data_dir").layer != config::Origin::Layer::kDefault;
  switch (app::Run(loaded.config, options)) {
    case app::RunOutcome::kStopped:
      return kExitOk;
    case app::RunOutcome::kBadConfig:
      return kExitConfig;
    case app::RunOutcome::kCannotBind:
      return kExitBind;
    case app::RunOutcome::kNoStore:
      return kExitDatabase;
  }
  return kExitFailure;
}

}  // namespace portal::cli
