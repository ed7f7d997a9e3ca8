#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>

#include "base/clock.h"
#include "base/logger.h"
#include "blob/blob_store.h"
#include "config/config.h"
#include "control/client_keys.h"
#include "control/password_door.h"
#include "control/sessions.h"
#include "control/stopping.h"
#include "http/own_hosts.h"
#include "http/rate_limits.h"
#include "http/request_log.h"
#include "metrics/registry.h"
#include "metrics/sample_ring.h"
#include "metrics/service_levels.h"
#include "net/counts.h"
#include "service/breakers.h"
#include "service/readiness.h"
#include "store/database.h"

namespace portal::control {

struct TestMode;

/// What handlers work with: everything outlives them, and is thread-safe or kept per worker.
struct Context {
  store::Database& database;
  blob::BlobStore& blobs;
  const service::Readiness& readiness;
  http::RateLimits& limits;  ///< of the data plane
  service::Breakers& breakers;
  const metrics::SampleRing& samples;
  const metrics::ServiceLevels& service_levels;
  const config::Config& config;       ///< as of the start
  std::filesystem::path data_folder;  ///< for what is received before it is worked on
  const base::Clock& clock;
  base::Logger& logger;
  const metrics::Registry& metrics;
  http::RequestLog& request_log;  ///< of both planes
  base::WallTime started;
  std::function<net::Counts()> data_plane;                              ///< what it has seen so far
  std::function<std::optional<base::WallTime>()> certificate_end = {};  ///< nullopt without TLS
  std::shared_ptr<Stopping> stopping = std::make_shared<Stopping>();
  base::MonotonicTime up_since = clock.Monotonic();  ///< as `started`, for a duration that no wall clock disturbs
  TestMode* test_mode = nullptr;                     ///< null without --test-mode
  std::shared_ptr<ClientKeys> client_keys = std::make_shared<ClientKeys>();
  std::shared_ptr<Sessions> sessions = std::make_shared<Sessions>(clock);
  /// at which alone operators sign in, unless a trusted proxy has forwarded them; nullopt: at all
  std::optional<http::OwnHosts> sign_in_hosts = {};
  std::shared_ptr<PasswordDoor> password_door = std::make_shared<PasswordDoor>(clock);
};

}  // namespace portal::control
