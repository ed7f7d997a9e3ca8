#pragma once

#include <filesystem>
#include <optional>

#include "app/listening.h"
#include "app/reloader.h"
#include "app/test_mode.h"
#include "config/config.h"

namespace portal::app {

struct RunOptions {
  bool seed = false;                 ///< serve the demo data, on this machine alone
  bool in_memory = false;            ///< in place of the data folder: a store that goes when the portal ends
  bool exit_with_parent = false;     ///< as SIGTERM
  std::filesystem::path ready_file;  ///< says where the portal answers, once it does; empty: none
  ListenKey listen = ListenKey::kDefault;
  ListenKey control_listen = ListenKey::kDefault;
  std::optional<TestMode::Options> test_mode;  ///< nullopt: none
  Reloader::Load reload;                       ///< what SIGHUP asks
};

enum class RunOutcome { kStopped, kBadConfig, kCannotBind, kNoStore, kNoResources };

/// Serves until SIGTERM, SIGINT or the end of its terminal, then drains; takes a new configuration on SIGHUP. What
/// goes wrong before it serves is said on stderr. Call once, from the main thread, before any other thread exists
/// (signals are blocked in all of them) and before anything keeps a descriptor open (inherited ones have numbers).
RunOutcome Run(const config::Config& config, const RunOptions& options);

}  // namespace portal::app
