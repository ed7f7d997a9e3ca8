#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "base/result.h"
#include "service/backup/backup.h"
#include "service/backup/manifest.h"
#include "service/backup/unfinished_folder.h"

namespace portal::service {

struct RestoreOptions {
  std::filesystem::path source;           ///< a backup's folder
  std::filesystem::path target;           ///< the data folder to be: not there, or empty
  std::optional<FileOwner> owner;         ///< of everything that is made; nullopt: the process's own user
  std::optional<std::string> passphrase;  ///< opens the sealed keys, if there are any
  bool dry_run = false;                   ///< verify all of the backup and write nothing
  BackupWatch watch = [](const BackupProgress&) { return false; };
};

struct RestoreReport {
  Manifest manifest;
  bool keys_restored = false;  ///< else the portal will make new ones: signed URLs and cursors given out so far end
};

/// Makes a data folder from a backup, after verifying all of it: the manifest, the database's hash, structure,
/// references and schema (an older one is upgraded), that both name the same blobs, and every blob's bytes. The folder
/// is built beside its place and renamed when it is whole and synced, so it is there or not, whatever is killed when.
/// The store gets a new epoch: no ETag of another store is taken for one of this.
/// kConflict: the target is in use; kValidation: the passphrase is wrong, or the source is no backup; kUnavailable:
/// the backup is damaged, of a newer release, or cannot be read; kStorageFull.
base::Result<RestoreReport> Restore(const RestoreOptions& options);

/// The newest backup of a destination by its name, of those that are not dated later than `now`. kNotFound: there is
/// none; kUnavailable.
base::Result<std::filesystem::path> LatestBackup(const std::filesystem::path& destination, base::WallTime now);

}  // namespace portal::service
