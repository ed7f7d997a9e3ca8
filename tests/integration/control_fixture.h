#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/logger.h"
#include "blob/blob_store.h"
#include "config/config.h"
#include "control/dispatcher.h"
#include "control/server.h"
#include "crypto/sodium.h"
#include "http/request_log.h"
#include "metrics/request_metrics.h"
#include "metrics/sample_ring.h"
#include "metrics/service_levels.h"
#include "net/listener.h"
#include "service/breakers.h"
#include "service/readiness.h"
#include "store/database.h"
#include "support/nobody_is_known.h"
#include "support/raw_client.h"
#include "support/temp_folder.h"

namespace portal::testing {

/// A control plane with routes of the test's own, on a port of its own.
class ControlFixture {
 public:
  struct Options {
    std::size_t threads = 2;
    std::size_t queue = 4;
    net::Limits limits{};
  };

  ControlFixture(std::vector<control::Route> routes, Options options) : routes_(std::move(routes)) {
    crypto::Initialize();
    config_.data_dir = folder_.path();
    config_.backup.dir = backups_.path() / "made";
    database_ = OrThrow(
        store::Database::Open({.folder = folder_.path(), .durability = store::Durability::kNone}, clock_, logger_));
    blobs_.emplace(OrThrow(blob::BlobStore::Open(folder_.path() / "blobs", blob::BlobStore::Sync::kNo)));
    context_.emplace(control::Context{*database_, *blobs_, readiness_, limits_, breakers_, samples_, service_levels_,
                                      config_, folder_.path(), clock_, logger_, metrics_, log_, clock_.Wall(),
                                      [] { return net::Counts{}; }});
    control::Dispatcher::Options dispatching;
    dispatching.problem_base = "http://portal.test";
    dispatching.workers = options.threads;
    dispatcher_.emplace(routes_, *context_, nobody_, dispatching);
    auto listener = OrThrow(net::Listener::Bind("127.0.0.1:0"));
    port_ = listener.port();
    control::Server::Options serving;
    serving.threads = options.threads;
    serving.queue = options.queue;
    serving.settings.limits = options.limits;
    server_ = std::make_unique<control::Server>(std::move(listener), *dispatcher_, clock_, logger_, serving);
  }

  std::uint16_t port() const { return port_; }
  control::Server& server() { return *server_; }
  control::Stopping& stopping() { return *context_->stopping; }

 private:
  template <typename T>
  static T OrThrow(base::Result<T> result) {
    if (!result) throw std::runtime_error(result.error().detail + ": " + result.error().internal);
    return *std::move(result);
  }

  const std::vector<control::Route> routes_;
  TempFolder folder_;
  TempFolder backups_;
  base::SystemClock clock_;
  base::Logger logger_{clock_, 2, base::LogLevel::kOff};
  config::Config config_;
  std::unique_ptr<store::Database> database_;
  std::optional<blob::BlobStore> blobs_;
  service::Readiness readiness_;
  http::RateLimits limits_{clock_, {}};
  service::Breakers breakers_{config_.breakers, clock_, logger_};
  metrics::RequestMetrics requests_{{}, {"GET"}, 1};
  metrics::SampleRing samples_{requests_.Read(), clock_};
  metrics::ServiceLevels service_levels_{{}, config_.slo.availability_ppm, requests_.Read(), clock_};
  NobodyIsKnown nobody_;
  http::RequestLog log_{logger_, false};
  metrics::Registry metrics_;
  std::optional<control::Context> context_;
  std::optional<control::Dispatcher> dispatcher_;
  std::uint16_t port_ = 0;
  std::unique_ptr<control::Server> server_;
};

}  // namespace portal::testing
