#pragma once

#include <filesystem>
#include <functional>
#include <optional>

#include "app/maintenance.h"
#include "base/clock.h"
#include "base/logger.h"
#include "http/pipeline.h"
#include "http/rate_limits.h"
#include "metrics/registry.h"
#include "net/counts.h"
#include "service/breakers.h"
#include "service/file_links.h"

namespace portal::app {

/// Whom the metrics are asked of. All is borrowed, and asked from any thread.
struct Measured {
  const http::Pipeline& pipeline;
  const http::RateLimits& limits;
  service::Breakers& breakers;
  const service::FileLinks& links;
  const Maintenance& maintenance;
  const base::Logger& logger;
  std::filesystem::path data_folder;
  base::WallTime started;
  std::function<net::Counts()> data_plane;
  std::function<std::optional<base::WallTime>()> certificate_end;  ///< nullopt without TLS
};

/// Adds a collector for everything the portal has to say of itself (docs/operations.md lists the names). A family is
/// left out where nothing is known: no certificate, no backup ever tried.
void RegisterCollectors(Measured measured, metrics::Registry& registry);

}  // namespace portal::app
