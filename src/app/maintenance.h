#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <thread>

#include "app/clock_watch.h"
#include "base/clock.h"
#include "base/ids.h"
#include "base/logger.h"
#include "base/mutex.h"
#include "service/access.h"
#include "service/readiness.h"

namespace portal::app {

struct Parts;

/// A thread for what nobody asks for but somebody must do: once a second, keeps the store's WAL small and
/// tells readiness whether the store can still be read, and looks after the signing keys where no request does, and
/// says when the wall clock has jumped, and half-opens circuit breakers that are due
/// and closes those that want of space had opened; every ten seconds, adds up the tenants' blobs; once a minute and
/// when it goes, writes which tokens were used.
class Maintenance {
 public:
  /// `worker` reads the store and is nobody else's.
  Maintenance(Parts& parts, base::WorkerId worker, service::Readiness& readiness, service::Access& access,
              const base::Clock& clock, base::Logger& logger);
  ~Maintenance();
  Maintenance(const Maintenance&) = delete;

  /// Of all tenants, as of the last ten seconds or of when the store could last be read; nullopt: never yet.
  /// Thread-safe.
  std::optional<std::int64_t> blob_bytes() const;

 private:
  void Run();
  bool WaitForNextRound();
  void Probe();
  void LookForSpace();
  void LookAtTheClock();
  void WriteTokenUses();
  void AddUpBlobs();

  Parts& parts_;
  const base::WorkerId worker_;
  service::Readiness& readiness_;
  service::Access& access_;
  base::Logger& logger_;
  ClockWatch clock_watch_;                    // only Run touches it
  bool readable_ = true;                      // as of the last probe; only Run touches it
  std::atomic<std::int64_t> blob_bytes_{-1};  // less than nothing: unknown
  base::Mutex mu_;
  base::CondVar wake_;
  bool stopping_ GUARDED_BY(mu_) = false;
  std::thread thread_;  // last: it uses all of the above
};

}  // namespace portal::app
