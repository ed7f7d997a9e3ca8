#pragma once

#include "config/config.h"

namespace portal::app {

struct RunOptions {
  bool seed = false;            ///< serve the demo data, on loopback alone
  bool data_dir_given = false;  ///< else, with `seed`, the store is a throw-away one
};

enum class RunOutcome { kStopped, kBadConfig, kCannotBind, kNoStore };

/// Serves until SIGTERM or SIGINT, then drains. What goes wrong before is said on stderr. Call once, from
/// the main thread, before any other thread exists (signals are blocked in all of them).
RunOutcome Run(const config::Config& config, const RunOptions& options);

}  // namespace portal::app
