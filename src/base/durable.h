#pragma once

#include <filesystem>
#include <span>

namespace portal::base {

/// Does this errno say that nothing more fits: the disk, a quota, or the limit on the size of the process's
/// files (RLIMIT_FSIZE)?
[[nodiscard]] bool IsOutOfSpace(int error_number);

/// Writes all of `bytes`, through short writes and interruptions. False, with errno, when that fails.
[[nodiscard]] bool WriteFully(int fd, std::span<const std::byte> bytes);

/// Makes the names in a folder outlive a power cut: a file that was synced and renamed into it is only
/// then sure to be found again. An empty path, as the parent of a bare name is, means the current folder.
/// False, with errno, when that fails.
[[nodiscard]] bool SyncFolder(const std::filesystem::path& folder);

}  // namespace portal::base
