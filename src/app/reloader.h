#pragma once

#include <functional>
#include <tl/expected.hpp>

#include "base/logger.h"
#include "base/result.h"
#include "config/config.h"
#include "config/load.h"

namespace portal::app {

/// Brings a changed configuration into a running portal: all of what may change, or nothing.
class Reloader {
 public:
  /// Reads the configuration anew, from the same places as at the start.
  using Load = std::function<tl::expected<config::Config, config::Problems>()>;
  /// Takes over what may change; where it fails, nothing has changed.
  using Apply = std::function<base::Status(const config::Config&)>;

  Reloader(config::Config running, Load load, Apply apply, base::Logger& logger);

  /// Says in the log what became of it: `reloaded` with the keys that changed, `restart_needed` with those that
  /// cannot, or a `reload_failed` for each fault, and then everything is as before. Not thread-safe.
  void Reload();

 private:
  config::Config running_;
  const Load load_;
  const Apply apply_;
  base::Logger& logger_;
};

}  // namespace portal::app
