#pragma once

#include <atomic>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "api/context.h"
#include "app/backup_schedule.h"
#include "app/certificate.h"
#include "app/control_plane.h"
#include "app/data_folder.h"
#include "app/maintenance.h"
#include "app/purge_schedule.h"
#include "app/sampler.h"
#include "app/storage_watch.h"
#include "app/test_mode.h"
#include "base/clock.h"
#include "base/function_ref.h"
#include "base/logger.h"
#include "base/mutex.h"
#include "base/result.h"
#include "blob/blob_store.h"
#include "config/config.h"
#include "http/pipeline.h"
#include "http/request_log.h"
#include "http/router.h"
#include "metrics/registry.h"
#include "metrics/sample_ring.h"
#include "metrics/service_levels.h"
#include "net/listener.h"
#include "net/server.h"
#include "service/access.h"
#include "service/breakers.h"
#include "service/file_links.h"
#include "service/readiness.h"
#include "service/signing_keys.h"
#include "store/database.h"

namespace portal::app {

/// What has to be opened and can fail, before the rest is put together.
struct Parts {
  std::unique_ptr<service::Breakers> breakers;  ///< first: database and blobs use them
  std::unique_ptr<store::Database> database;
  blob::BlobStore blobs;
  std::unique_ptr<service::SigningKeys> keys;
  Certificate certificate;
  std::filesystem::path folder;  ///< where all of it lies
};

/// Where the two planes listen, bound.
struct Listeners {
  std::vector<net::Listener> data_plane;
  std::optional<net::Listener> control_plane;  ///< nullopt: there is none
  bool for_this_machine = false;               ///< anybody knows the tokens: it answers for hosts of its own alone
};

/// How the store below a data folder is kept.
enum class Keeping { kDurable, kThrowAway };

/// `test_mode` is borrowed; null without it. kValidation where the configuration names a certificate that cannot be
/// used; else what the store says.
base::Result<Parts> OpenParts(const config::Config& config, const DataFolder& folder, Keeping keeping,
                              const base::Clock& clock, base::Logger& logger, TestMode* test_mode = nullptr);

/// How many threads answer requests: event loops, the pool for slow reads, and the control plane's.
std::size_t EventLoops(const config::Config& config);
std::size_t Workers(const config::Config& config);

/// Both planes in the order of its dependencies: what is declared later uses what is above it, and
/// stops first. They serve from the moment this is constructed.
class App {
 public:
  /// `config` is borrowed, and so is `test_mode`: null without it.
  App(const config::Config& config, Parts parts, Listeners listeners, const base::Clock& clock, base::Logger& logger,
      TestMode* test_mode = nullptr);

  /// Not ready any more; finishes what was received; returns when the last connection is closed or the
  /// drain timeout has passed. Thread-safe.
  void Drain();

  /// Takes over what may change in a running portal (`config::Key::reloads`) and leaves the rest. On an error
  /// nothing has changed. Not thread-safe with itself.
  base::Status Reload(const config::Config& config);

  /// True when no event loop has been stuck since the last call. Thread-safe.
  bool Beat() { return server_.Beat(); }

  /// When the certificate that is served ends; nullopt without one. Thread-safe.
  std::optional<base::WallTime> CertificateEnd() const;

  /// What the data plane has seen so far. Thread-safe.
  net::Counts Counts() const;

 private:
  /// What a running portal may be told otherwise by an operator or a test, as it was configured last.
  struct Configured {
    explicit Configured(const config::Config& config);
    http::RateLimits::Budgets budgets;
    base::LogLevel level;
    bool access;
  };

  void TakeConfigured(const config::Config& config);
  void PutConfiguredBack();
  base::Status ResetForTest(base::FunctionRef<base::Status()> put_back);
  std::unique_ptr<ControlPlane> OpenControlPlane(const config::Config& config, std::optional<net::Listener> listener,
                                                 std::optional<http::OwnHosts> own_hosts, const base::Clock& clock);

  base::Logger& logger_;
  const base::WallTime started_;
  TestMode* const test_mode_;
  Parts parts_;
  std::atomic<base::WallTime> certificate_end_{};  // the epoch without one
  service::Readiness readiness_;
  service::FileLinks links_;
  service::Access access_;
  http::RateLimits limits_;
  base::Mutex configured_mu_;
  Configured configured_ GUARDED_BY(configured_mu_);
  api::Context context_;
  http::Router router_;
  http::RequestLog request_log_;
  http::Pipeline pipeline_;
  metrics::SampleRing samples_;
  metrics::ServiceLevels service_levels_;
  Sampler sampler_;
  StorageWatch storage_;
  Maintenance maintenance_;
  BackupSchedule backups_;
  PurgeSchedule purges_;
  const std::string data_plane_url_;
  const metrics::Registry metrics_;                   // whole before anybody can ask for it
  std::atomic<const net::Server*> counted_{nullptr};  // null while it is made: its loops serve before that is done
  net::Server server_;
  std::unique_ptr<ControlPlane> control_;  // null: there is none
};

}  // namespace portal::app
