#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace portal::service {

/// Backups that are being made or removed begin with this; no whole one does.
inline constexpr const char* kUnfinishedBackup = ".unfinished-";

/// The name of a backup made at that time, `2025-09-02T02-05-23.000Z`: without the colons that other systems refuse.
/// Names sort as their times do.
std::string BackupName(base::WallTime made_at);
std::optional<base::WallTime> ParseBackupName(const std::string& name);

/// Was it made while a clock was ahead? Its time says nothing of its age.
bool IsFuture(base::WallTime made_at, base::WallTime now);

/// Folders of a destination that are named like backups, the oldest by name first; none where there is no such folder.
/// kUnavailable: it cannot be read.
base::Result<std::vector<std::filesystem::path>> BackupFolders(const std::filesystem::path& destination);

/// Where backups of a data folder may go: makes the folder where only it is missing. kValidation: it is in the data
/// folder, or no folder; kUnavailable; kStorageFull: less than `needed_bytes` are free.
base::Status PrepareDestination(const std::filesystem::path& destination, const std::filesystem::path& data_folder,
                                std::int64_t needed_bytes);

}  // namespace portal::service
