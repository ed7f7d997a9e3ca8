#include "app/run.h"
#include "cli/commands.h"

namespace portal::cli {

int Serve(const ServeCommand& command, const config::Loaded& loaded, Console&) {
  app::RunOptions options;
  options.seed = command.seed;
  options.data_dir_given = loaded.OriginOf("data_dir").layer != config::Origin::Layer::kDefault;
  return app::Run(loaded.config, options);
}

}  // namespace portal::cli
