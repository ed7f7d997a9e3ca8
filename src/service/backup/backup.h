#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "service/backup/manifest.h"

namespace portal::service {

/// How far a backup or a restore is.
struct BackupProgress {
  enum class Step { kDatabase, kChecking, kBlobs };
  Step step = Step::kDatabase;
  std::int64_t done_bytes = 0;
  std::int64_t total_bytes = 0;
  /// From 0 to 1; unset where nobody knows.
  std::optional<double> Done() const {
    if (total_bytes <= 0 || step == Step::kChecking) return std::nullopt;
    return static_cast<double>(done_bytes) / static_cast<double>(total_bytes);
  }
};
/// True: stop as soon as possible.
using BackupWatch = std::function<bool(const BackupProgress&)>;

struct BackupOptions {
  std::filesystem::path data_folder;
  std::filesystem::path destination;      ///< made where it is missing and its parent is there
  std::size_t keep = 0;                   ///< how many backups of this store stay, this one always; 0: all
  bool deep = false;                      ///< hash blobs too that are only linked
  std::optional<std::string> passphrase;  ///< takes the keys along, sealed with it
  BackupWatch watch = [](const BackupProgress&) { return false; };
};

struct BackupReport {
  std::filesystem::path folder;
  Manifest manifest;
  std::int64_t wal_growth_bytes = 0;
  std::size_t linked_blobs = 0;
  std::size_t copied_blobs = 0;
  std::vector<std::filesystem::path> removed;          ///< backups beyond `keep`
  std::vector<std::filesystem::path> from_the_future;  ///< of this store, dated later than now; `keep` leaves them
};

/// Makes a backup of a data folder that may be in use: `destination`/<time>/ with `portal.db`, `blobs/` and
/// `manifest.json`, whole and synced under that name or not there at all. Blobs are hard links to the store's own or to
/// those of the last backup where the file system allows, else copies. Blobs that the live store has lost are listed
/// in the manifest. Notes how it ended for ReadLastBackup.
/// kConflict while another backup of the data folder is made; kValidation for a destination that cannot be one;
/// kUnavailable; kStorageFull. A failed backup leaves nothing behind.
base::Result<BackupReport> MakeBackup(const BackupOptions& options, const base::Clock& clock);

/// A backup in a destination.
struct BackupEntry {
  std::filesystem::path folder;
  Manifest manifest;
};
/// All whole backups of a destination, the oldest by name first. kNotFound where there is no such folder; kUnavailable.
base::Result<std::vector<BackupEntry>> ListBackups(const std::filesystem::path& destination);
/// When the newest whole backup of the store with that epoch was made, of those that are not dated later than now;
/// nullopt: there is none. kUnavailable: the destination cannot be read.
base::Result<std::optional<base::WallTime>> NewestBackup(const std::filesystem::path& destination,
                                                         const std::string& epoch, base::WallTime now);

}  // namespace portal::service
