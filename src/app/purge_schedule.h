#pragma once

#include <chrono>
#include <filesystem>
#include <thread>

#include "base/clock.h"
#include "base/logger.h"
#include "base/mutex.h"
#include "blob/blob_store.h"
#include "service/purge.h"
#include "service/search_tidy.h"
#include "store/database.h"

namespace portal::app {

/// A thread that looks once a minute, or as often as the retention asks for, whether something is due to be purged, and
/// purges it; then it tidies the search tables. It gives way to other writers: after each step it rests for as long as
/// the step took. Stops within a step when it goes.
class PurgeSchedule {
 public:
  PurgeSchedule(store::Database& database, const blob::BlobStore& blobs, std::filesystem::path data_folder,
                std::chrono::milliseconds retention, const base::Clock& clock, base::Logger& logger);
  ~PurgeSchedule();
  PurgeSchedule(const PurgeSchedule&) = delete;

 private:
  void Run();
  base::Status Round();
  base::Status PurgeIfDue();
  void Tell(const base::Status& done);
  /// False: it is time to stop.
  bool WaitFor(std::chrono::nanoseconds time);

  service::Purge purge_;
  service::SearchTidy search_;
  const std::chrono::milliseconds interval_;
  base::Logger& logger_;
  bool failing_ = false;  // as of the last round; only Run touches it
  base::Mutex mu_;
  base::CondVar wake_;
  bool stopping_ GUARDED_BY(mu_) = false;
  std::thread thread_;  // last: it uses all of the above
};

}  // namespace portal::app
