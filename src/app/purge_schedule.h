#pragma once

#include <chrono>
#include <filesystem>
#include <string_view>
#include <thread>

#include "base/clock.h"
#include "base/function_ref.h"
#include "base/logger.h"
#include "base/stop_signal.h"
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
  /// A part of a round: its events in the log, and whether it failed the last time.
  struct Task {
    std::string_view failed;
    std::string_view works_again;
    bool failing = false;
  };

  void Run();
  bool Attempt(Task& task, base::FunctionRef<base::Status()> work);
  base::Status PurgeIfDue();
  base::Status TidySearch();

  service::Purge purge_;
  service::SearchTidy search_;
  const std::chrono::milliseconds interval_;
  base::Logger& logger_;
  Task purging_{"purge_failed", "purge_works_again"};  // this and the next: only Run touches them
  Task tidying_{"search_tidy_failed", "search_tidy_works_again"};
  base::StopSignal stop_;
  std::thread thread_;  // last: it uses all of the above
};

}  // namespace portal::app
