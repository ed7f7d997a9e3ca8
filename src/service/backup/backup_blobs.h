#pragma once

#include <filesystem>
#include <optional>

#include "service/backup/backup.h"
#include "service/backup/unfinished_folder.h"

namespace portal::service {

/// Fills `blobs/` of a backup that is being made. Not thread-safe.
class BackupBlobs {
 public:
  /// `earlier`: the last backup of the destination, if there is one.
  BackupBlobs(const UnfinishedFolder& folder, const BackupOptions& options,
              std::optional<std::filesystem::path> earlier);

  /// Takes every blob of the manifest along; those that are nowhere move to `missing_blobs`. Counts in `report`.
  base::Status Take(BackupReport& report);

 private:
  using Blob = std::pair<const model::ContentHash, std::int64_t>;

  base::Status TakeOne(const Blob& blob, BackupReport& report);
  base::Result<bool> Link(const std::filesystem::path& from, const Blob& blob);
  base::Result<bool> Copy(const std::filesystem::path& from, const Blob& blob);
  base::Status MakeShard(const std::filesystem::path& shard);
  bool Advance(std::int64_t bytes);

  const UnfinishedFolder& folder_;
  const BackupOptions& options_;
  const std::optional<std::filesystem::path> earlier_;
  std::filesystem::path shard_;  // the last one that was made: blobs come in the order of their names
  BackupProgress progress_;
};

}  // namespace portal::service
