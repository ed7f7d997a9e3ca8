#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/function_ref.h"
#include "base/ids.h"
#include "base/logger.h"
#include "base/result.h"
#include "resilience/guard.h"
#include "store/injected_fault.h"
#include "store/page_scrub.h"

namespace portal::store {

class Reader;
class Writer;

/// How hard a commit tries to outlive a power cut.
enum class Durability { kFull, kNone };  // kNone: throw-away stores on tmpfs, synchronous=OFF

/// The portal's SQLite file: `portal.db` in a data folder, with the write lock beside it. Opens, migrates
/// and closes under the lock; hands out one read connection per worker and the one write connection.
/// Several processes (server and command line) may have the same file open.
/// `reader()` is thread-safe for distinct workers; `writer()` serialises its callers.
class Database {
 public:
  struct Options {
    std::filesystem::path folder;
    std::size_t workers = 1;  ///< read connections
    Durability durability = Durability::kFull;
    /// false: kUnavailable where there is no database yet
    bool create = true;
    /// how long to wait for other processes that change the database
    std::chrono::milliseconds lock_wait{10'000};
    /// how many workers, from the first on, read lists: each keeps up to `page_cache` bytes of pages
    std::size_t list_workers = 1;
    std::size_t page_cache = 64u << 20;
    /// what stands before every use once the database is open, whoever reads or writes; its guard of changes: before
    /// transactions and checkpoints
    resilience::Guard guard{};
    /// of writes, of the list workers' reads and of Probe; borrowed, null but in test mode
    const InjectedFaults* faults = nullptr;
  };

  /// kUnavailable with a detail that says what is wrong and what to do: not a database, written by a newer
  /// version, locked, unreadable, no space.
  static base::Result<std::unique_ptr<Database>> Open(const Options& options, const base::Clock& clock,
                                                      base::Logger& logger);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  /// REQUIRES: worker.index < options.workers, and only that worker's thread uses it.
  Reader& reader(base::WorkerId worker);
  Writer& writer();

  /// 32 hex digits, drawn when the store was created: tells one store from another restored in its place.
  const std::string& epoch() const;

  /// Housekeeping for a long-lived process: shrinks a WAL past 64 MiB. Cheap when there is nothing to do.
  /// Thread-safe.
  void Maintain();
  /// Tries to empty the WAL, so that nothing of what was overwritten in the database is left in it, where a purge noted
  /// that this is to be done. False: it is not, or readers or other processes are in the way; kUnavailable.
  /// Thread-safe.
  base::Result<bool> EmptyLog();
  /// Overwrites what the next `most` pages hold without using it; see PageScrub and kPagesScrubbed. Purges that run at
  /// once, in several processes, share the work. kUnavailable. Thread-safe.
  base::Result<ScrubStep> ScrubPages(std::uint32_t most);
  /// Puts a throw-away store back to how it was when CopyDatabase made `copy` of it; see store/rewind.h. `after` is
  /// called while nobody can write yet. kUnavailable; kStorageFull. Thread-safe.
  base::Status Rewind(const std::filesystem::path& copy, base::FunctionRef<void()> after);
  /// Can the file still be read, and are it and the lock's the ones that were opened? For readiness; opens
  /// nothing new and takes no write lock. kUnavailable; kCircuitOpen: nobody has looked. Thread-safe.
  base::Status Probe();

 private:
  struct Parts;
  explicit Database(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace portal::store
