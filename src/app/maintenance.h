#pragma once

#include <thread>

#include "base/logger.h"
#include "base/mutex.h"
#include "service/access.h"
#include "service/readiness.h"
#include "service/signing_keys.h"
#include "store/database.h"

namespace portal::app {

/// A thread for what nobody asks for but somebody must do: once a second, keeps the store's WAL small and
/// tells readiness whether the store can still be read, and looks after the signing keys where no request does; once
/// a minute and when it goes, writes which tokens were used.
class Maintenance {
 public:
  Maintenance(store::Database& database, service::Readiness& readiness, service::Access& access,
              service::SigningKeys& keys, base::Logger& logger);
  ~Maintenance();
  Maintenance(const Maintenance&) = delete;

 private:
  void Run();
  bool WaitForNextRound();
  void Probe();
  void WriteTokenUses();

  store::Database& database_;
  service::Readiness& readiness_;
  service::Access& access_;
  service::SigningKeys& keys_;
  base::Logger& logger_;
  bool readable_ = true;  // as of the last probe; only Run touches it
  base::Mutex mu_;
  base::CondVar wake_;
  bool stopping_ GUARDED_BY(mu_) = false;
  std::thread thread_;  // last: it uses all of the above
};

}  // namespace portal::app
