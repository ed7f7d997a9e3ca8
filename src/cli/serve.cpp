#include "app/run.h"
#include "cli/commands.h"
#include "cli/exit_code.h"

namespace portal::cli {

int Serve(const ServeCommand& command, const config::Sources& sources, const config::Loaded& loaded) {
  const auto is_given = [&](std::string_view key) {
    return loaded.OriginOf(key).layer != config::Origin::Layer::kDefault;
  };
  app::RunOptions options;
  options.seed = command.seed;
  options.in_memory = command.InMemory() || (command.seed && !is_given("data_dir"));
  options.exit_with_parent = command.exit_with_parent;
  options.ready_file = command.ready_file;
  if (command.test_mode) options.test_mode = app::TestMode::Options{command.random_seed, command.clock};
  options.listen = is_given("listen") ? app::ListenKey::kGiven : app::ListenKey::kDefault;
  options.control_listen = is_given("control.listen") ? app::ListenKey::kGiven : app::ListenKey::kDefault;
  options.reload = [&sources] {
    return config::Load(sources).map([](const config::Loaded& again) { return again.config; });
  };
  switch (app::Run(loaded.config, options)) {
    case app::RunOutcome::kStopped:
      return kExitOk;
    case app::RunOutcome::kBadConfig:
      return kExitConfig;
    case app::RunOutcome::kCannotBind:
      return kExitBind;
    case app::RunOutcome::kNoStore:
      return kExitDatabase;
    case app::RunOutcome::kNoResources:
      return kExitFailure;
  }
  return kExitFailure;
}

}  // namespace portal::cli
