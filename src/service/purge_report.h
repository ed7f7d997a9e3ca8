#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "base/clock.h"
#include "store/purge.h"

namespace portal::service {

/// What a purge did, and what is left for later ones.
struct PurgeReport {
  base::WallTime at;  ///< when it began
  std::chrono::milliseconds took{};
  bool all = false;       ///< it ignored the retention
  bool complete = false;  ///< nothing of what was due is left, in no page or log; blobs may be, see `blobs_needed`

  struct Removed {
    std::int64_t tenants = 0;
    std::int64_t contacts = 0;  ///< of deleted tenants; of living ones they go with their deletion
    std::int64_t jobs = 0;
    std::int64_t files = 0;
    std::int64_t blobs = 0;       ///< taken from a tenant
    std::int64_t blob_files = 0;  ///< that nobody has any more, and their bytes
    std::int64_t blob_bytes = 0;
    std::int64_t orphans = 0;         ///< of blob_files: those that no row named
    std::int64_t uploads = 0;         ///< that broke off and whose process died
    std::int64_t feed_batches = 0;    ///< of bulk requests whose Idempotency-Key is too old
    std::int64_t upgrade_copies = 0;  ///< of the database, made before an upgrade
    friend bool operator==(const Removed&, const Removed&) = default;
  } removed;

  bool contacts_search_merged = false;  ///< no word of a row that was due is left
  bool jobs_search_merged = false;
  std::int64_t bytes_overwritten = 0;  ///< of unused parts of the database's pages that held something
  bool pages_overwritten = false;      ///< all pages were looked at
  bool log_emptied = false;            ///< false also where there was nothing to empty; else the next purge tries again
  bool blobs_needed = false;           ///< a backup or an export ran: blobs stay until the next purge
  store::PurgeBacklog waiting;
  std::optional<base::WallTime> next_due;  ///< of what waits; nullopt: nothing does

  /// Has anything gone?
  bool DidSomething() const { return removed != Removed{} || contacts_search_merged || jobs_search_merged; }
  /// One object, without a line's end.
  std::string Json() const;
};

}  // namespace portal::service
