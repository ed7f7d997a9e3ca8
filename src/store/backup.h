#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>

#include "base/result.h"

namespace portal::store {

/// How a copy of the database is made.
struct CopyOptions {
  std::filesystem::path data_folder;
  std::filesystem::path target;  ///< is made, 0600; must not exist
  int pages_a_step = 1'000;
  /// Called after every step with what is done of how much. True ends the copy with kUnavailable.
  std::function<bool(std::int64_t done_bytes, std::int64_t total_bytes)> stop = [](auto, auto) { return false; };
};

/// What a copy cost those who wrote meanwhile.
struct CopyReport {
  std::int64_t size_bytes = 0;
  std::int64_t wal_growth_bytes = 0;  ///< what writers could not put away because the copy needed its snapshot
};

/// Copies a database that may be in use, as it is at one moment, to a file that needs nothing beside it. Readers and
/// writers go on: the copy holds one read snapshot, so that no commit makes it begin again, and never checkpoints.
/// The write-ahead log cannot be emptied meanwhile; a copy that lets it grow further than WalAllowance gives up. The
/// target is synced; its name is the caller's to sync. What a failed copy leaves of the target is the caller's to
/// remove. kUnavailable; kStorageFull.
base::Result<CopyReport> CopyDatabase(const CopyOptions& options);

}  // namespace portal::store
