#pragma once

#include <functional>
#include <optional>

#include "app/storage_watch.h"
#include "base/clock.h"
#include "base/logger.h"
#include "http/pipeline.h"
#include "http/rate_limits.h"
#include "metrics/registry.h"
#include "metrics/service_levels.h"
#include "net/counts.h"
#include "service/breakers.h"
#include "service/file_links.h"
#include "service/readiness.h"

namespace portal::app {

/// Whom the metrics are asked of. All is borrowed, and asked from any thread.
struct Measured {
  const http::Pipeline& pipeline;
  const metrics::ServiceLevels& service_levels;
  const http::RateLimits& limits;
  service::Breakers& breakers;
  const service::FileLinks& links;
  const service::Readiness& readiness;
  const StorageWatch& storage;
  const base::Logger& logger;
  base::WallTime started;
  std::function<net::Counts()> data_plane;
  std::function<std::optional<base::WallTime>()> certificate_end;  ///< nullopt without TLS
};

/// Collects everything the portal has to say of itself. A family is left out where nothing is known: no certificate, no
/// backup ever tried, a disk that has never answered.
metrics::Registry::Collector CollectorOf(Measured measured);

}  // namespace portal::app
