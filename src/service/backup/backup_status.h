#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/result.h"

namespace portal::service {

/// How the last backup of a data folder ended, whoever made it: the server, or a command beside it.
struct LastBackup {
  base::WallTime at;                          ///< when it ended
  bool ok = false;                            ///< there is a whole backup; failed ones say why
  std::string reason{};                       ///< of a failure, or what a backup that was made lacks; without paths
  std::int64_t bytes = 0;                     ///< database and blobs, of a backup that was made
  std::int64_t seconds = 0;                   ///< how long it took
  std::optional<base::WallTime> last_good{};  ///< when the last whole one was made, before this one failed
};

/// From `last-backup.json` in the data folder; nullopt where none was ever tried. kUnavailable.
base::Result<std::optional<LastBackup>> ReadLastBackup(const std::filesystem::path& data_folder);
/// Replaces the file; a crash leaves the old one or the new one. Kept apart from the database, which a failing disk
/// may not let anybody write. kUnavailable, kStorageFull.
base::Status WriteLastBackup(const std::filesystem::path& data_folder, const LastBackup& last);

}  // namespace portal::service
