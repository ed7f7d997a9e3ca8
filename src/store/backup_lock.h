#pragma once

#include <chrono>
#include <filesystem>

#include "base/function_ref.h"
#include "base/result.h"
#include "base/unique_fd.h"

namespace portal::store {

/// `portal.backup-lock` in the data folder: who needs the blobs to stay while others delete, in and across processes.
/// Byte 0 is shared by those who read blobs that may lose their rows meanwhile (backups, exports) and taken alone by
/// those who unlink blobs; byte 1 belongs to the one backup that may run; byte 2 is shared by those who wait for byte
/// 0, and nobody takes byte 0 alone meanwhile: whoever waits has it after one transaction of a purge.
/// Open-file-description locks: a process that dies lets go. Held until it is destroyed. Not thread-safe.
class BackupLock {
 public:
  /// No blob goes while this is held. Waits for one that is being unlinked, until `give_up` is true. kUnavailable.
  static base::Result<BackupLock> KeepBlobs(
      const std::filesystem::path& data_folder, std::chrono::milliseconds wait,
      base::FunctionRef<bool()> give_up = [] { return false; });
  /// Blobs may be unlinked while this is held. kConflict at once where somebody needs them or waits for them;
  /// kUnavailable.
  static base::Result<BackupLock> RemoveBlobs(const std::filesystem::path& data_folder);
  /// KeepBlobs, and nobody else makes a backup. kConflict at once where somebody does.
  static base::Result<BackupLock> MakeBackup(
      const std::filesystem::path& data_folder, std::chrono::milliseconds wait,
      base::FunctionRef<bool()> give_up = [] { return false; });

 private:
  explicit BackupLock(base::UniqueFd fd) : fd_(std::move(fd)) {}
  base::UniqueFd fd_;
};

}  // namespace portal::store
