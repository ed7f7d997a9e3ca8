#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/function_ref.h"
#include "base/logger.h"
#include "base/result.h"
#include "blob/blob_store.h"
#include "service/purge_report.h"
#include "store/database.h"
#include "store/reader.h"
#include "store/writer.h"

namespace portal::service {

/// Makes deletions final: what was deleted longer ago than the retention leaves the blobs, the search tables, the free
/// pages, the write-ahead log and the copies from before an upgrade. In short transactions, between which other
/// writers have their turn; each leaves a state from which the next purge goes on, whatever ends this one.
/// Thread-safe; several may run at once, in several processes.
class Purge {
 public:
  /// All is borrowed. `retention` 0: at once.
  Purge(store::Database& database, const blob::BlobStore& blobs, std::filesystem::path data_folder,
        std::chrono::milliseconds retention, const base::Clock& clock, base::Logger& logger);

  /// Is there anything for a purge in turn to do now? Cheap. kUnavailable.
  base::Result<bool> IsDue();

  /// What is due: kInTurn and kByRetention, what was deleted long enough ago; kAll, whatever is deleted, but for
  /// uploads within their first hour, and with it the copies from before an upgrade. kInTurn is for whoever comes again
  /// within minutes: it does not wait for readers, looks at all pages once a day or retention at the most, and keeps a
  /// report only where it did something.
  enum class Due { kInTurn, kByRetention, kAll };
  /// Called after every step with what is done so far and how long the step took; false ends the purge early.
  using Between = base::FunctionRef<bool(const PurgeReport&, std::chrono::nanoseconds)>;

  /// Purges, and keeps and logs the report. kStorageFull, kUnavailable; what was done by then stays done.
  base::Result<PurgeReport> Run(Due due, Between between);

  /// The report of the last purge that anybody made, as JSON; nullopt: there was none. kUnavailable.
  static base::Result<std::optional<std::string>> LastReport(store::Reader& reader);

 private:
  class Running;

  store::Database& database_;
  const blob::BlobStore& blobs_;
  const std::filesystem::path data_folder_;
  const std::chrono::milliseconds retention_;
  const base::Clock& clock_;
  base::Logger& logger_;
};

}  // namespace portal::service
