#pragma once

#include <fcntl.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>

#include "api/context.h"
#include "api/routes.h"
#include "base/logger.h"
#include "blob/blob_store.h"
#include "fuzz/signing_key.h"
#include "http/pipeline.h"
#include "http/router.h"
#include "net/mailbox.h"
#include "net/slow_pool.h"
#include "service/access.h"
#include "service/demo/demo_data.h"
#include "service/file_links.h"
#include "service/readiness.h"
#include "service/signing_keys.h"
#include "store/database.h"
#include "store/reader.h"
#include "support/temp_folder.h"

namespace portal::fuzz {

/// Stands still, so that what was signed once stays good in a corpus. On demand every look at it on the thread that
/// made it takes so long that an event loop's read is over its budget at the first.
class PortalClock final : public base::Clock {
 public:
  base::MonotonicTime Monotonic() const override {
    constexpr std::int64_t kOverBudget = 3;
    if (slow_ && std::this_thread::get_id() == owner_) now_ += kOverBudget;
    return base::MonotonicTime{std::chrono::milliseconds{now_.load()}};
  }
  base::WallTime Wall() const override { return base::WallTime{std::chrono::milliseconds{1'756'778'723'456}}; }
  void SlowLoopReads(bool slow) { slow_ = slow; }

 private:
  const std::thread::id owner_ = std::this_thread::get_id();
  std::atomic<bool> slow_{false};
  mutable std::atomic<std::int64_t> now_{1'000'000};  // milliseconds
};

/// Everything behind the sockets, put together as in app::App, with the demo data in a throw-away folder and
/// a signing key that is always the same.
class MemoryPortal {
 public:
  PortalClock& clock() { return clock_; }
  const http::Pipeline& pipeline() const { return pipeline_; }
  net::Mailbox& mailbox() { return mailbox_; }
  net::SlowPool& pool() { return pool_; }

 private:
  static constexpr std::size_t kWorkers = 2;  // the caller, and the pool's thread

  template <typename T>
  static T OrThrow(base::Result<T> result) {
    if (!result) throw std::runtime_error(result.error().detail + ": " + result.error().internal);
    return *std::move(result);
  }

  std::unique_ptr<store::Database> SeededStore() {
    store::Database::Options options;
    options.folder = folder_.path();
    options.workers = kWorkers;
    options.durability = store::Durability::kNone;
    auto database = OrThrow(store::Database::Open(options, clock_, logger_));
    const auto seeded = service::SeedDemoData(*database, blobs_);
    if (!seeded) throw std::runtime_error(seeded.error().detail);
    // A connection opens its files with the first read; from then on the number of descriptors says something.
    for (std::size_t i = 0; i < kWorkers; ++i) {
      static_cast<void>(OrThrow(database->reader(base::WorkerId{i}).tenants.FindBySlug("acme")));
    }
    return database;
  }

  testing::TempFolder folder_;
  PortalClock clock_;
  base::UniqueFd log_{::open("/dev/null", O_WRONLY | O_CLOEXEC)};
  base::Logger logger_{clock_, log_.get(), base::LogLevel::kInfo};
  const std::unique_ptr<service::SigningKeys> keys_ = OpenFixedKey(folder_.path(), clock_, logger_);
  blob::BlobStore blobs_ = OrThrow(blob::BlobStore::Open(folder_.path() / "blobs", blob::BlobStore::Sync::kNo));
  std::unique_ptr<store::Database> database_ = SeededStore();
  service::Readiness readiness_;
  service::Breakers breakers_{config::Config::Breakers{}, clock_, logger_};
  service::FileLinks links_{*keys_, std::chrono::minutes(15)};
  service::Access access_{*database_, links_, clock_, kWorkers};
  http::RateLimits limits_{clock_, {}};
  metrics::Registry metrics_;
  api::Context context_{*database_,        blobs_, links_, readiness_, breakers_, metrics_, api::Cursors(*keys_),
                        api::ErrorPages(), "",     "",     "localhost"};
  http::Router router_{api::Routes(context_)};
  http::RequestLog request_log_{logger_, true};
  http::Pipeline pipeline_{router_, access_, limits_, clock_, request_log_, {"", "localhost", kWorkers}};
  net::Mailbox mailbox_;
  net::SlowPool pool_{pipeline_, 1, 1, 16};
};

}  // namespace portal::fuzz
