#pragma once

#include <chrono>
#include <filesystem>

#include "base/result.h"
#include "base/unique_fd.h"

namespace portal::store {

/// `portal.backup-lock` in the data folder: who needs the blobs to stay while others delete, in and across processes.
/// Byte 0 is shared by those who read blobs that may lose their rows meanwhile (backups, exports) and taken alone by
/// those who unlink blobs; byte 1 belongs to the one backup that may run. Open-file-description locks: a process that
/// dies lets go. Held until it is destroyed. Not thread-safe.
class BackupLock {
 public:
  /// No blob goes while this is held. Waits for one that is being unlinked. kUnavailable.
  static base::Result<BackupLock> KeepBlobs(const std::filesystem::path& data_folder, std::chrono::milliseconds wait);
  /// Blobs may be unlinked while this is held. kConflict at once where somebody needs them; kUnavailable.
  static base::Result<BackupLock> RemoveBlobs(const std::filesystem::path& data_folder);
  /// KeepBlobs, and nobody else makes a backup. kConflict at once where somebody does.
  static base::Result<BackupLock> MakeBackup(const std::filesystem::path& data_folder, std::chrono::milliseconds wait);

 private:
  explicit BackupLock(base::UniqueFd fd) : fd_(std::move(fd)) {}
  base::UniqueFd fd_;
};

}  // namespace portal::store
