#include "service/backup/backup_folders.h"

#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>

#include "base/durable.h"
#include "base/time_text.h"
#include "service/backup/folder_entries.h"

namespace portal::service {
namespace {

namespace fs = std::filesystem;
using base::ErrorCode;
using base::Fail;

constexpr std::size_t kDateBytes = 10;
// Clocks of two machines that share a destination.
constexpr std::chrono::minutes kClocksDiffer{1};

bool IsInside(const fs::path& inner, const fs::path& outer) {
  const auto [outer_end, ignored] = std::mismatch(outer.begin(), outer.end(), inner.begin(), inner.end());
  return outer_end == outer.end();
}

base::Status CheckSpace(const fs::path& destination, std::int64_t needed_bytes) {
  struct statvfs system {};
  if (::statvfs(destination.c_str(), &system) != 0) return {};
  if ((system.f_flag & ST_RDONLY) != 0) {
    return Fail(ErrorCode::kUnavailable, destination.string() +
                                             " is on a read-only file system; mount it writable, or choose another "
                                             "folder");
  }
  const auto free_bytes = static_cast<std::int64_t>(static_cast<std::uintmax_t>(system.f_bavail) *
                                                    static_cast<std::uintmax_t>(system.f_frsize));
  if (free_bytes >= needed_bytes) return {};
  return Fail(ErrorCode::kStorageFull, "The disk of " + destination.string() + " has " +
                                           std::to_string(free_bytes >> 20) + " MiB free and the database takes " +
                                           std::to_string((needed_bytes >> 20) + 1) +
                                           " MiB; free some, or choose another folder");
}

}  // namespace

std::string BackupName(base::WallTime made_at) {
  std::string name = base::FormatRfc3339(made_at);
  std::ranges::replace(name, ':', '-');
  return name;
}

std::optional<base::WallTime> ParseBackupName(const std::string& name) {
  std::string time = name;
  if (time.size() <= kDateBytes) return std::nullopt;
  std::replace(time.begin() + kDateBytes, time.end(), '-', ':');
  const auto made_at = base::ParseRfc3339(time);
  if (!made_at || BackupName(*made_at) != name) return std::nullopt;
  return made_at;
}

bool IsFuture(base::WallTime made_at, base::WallTime now) { return made_at > now + kClocksDiffer; }

base::Result<std::vector<fs::path>> BackupFolders(const fs::path& destination) {
  std::vector<fs::path> folders;
  const std::error_code failed = ForEachEntry(destination, [&](const fs::directory_entry& entry) {
    std::error_code unknown;
    if (entry.is_directory(unknown) && ParseBackupName(entry.path().filename().string())) {
      folders.push_back(entry.path());
    }
  });
  if (failed && failed != std::errc::no_such_file_or_directory && failed != std::errc::not_a_directory) {
    return Fail(ErrorCode::kUnavailable, destination.string() + " cannot be read: " + failed.message());
  }
  std::ranges::sort(folders);
  return folders;
}

base::Status PrepareDestination(const fs::path& destination, const fs::path& data_folder, std::int64_t needed_bytes) {
  std::error_code failed;
  const fs::path target = fs::weakly_canonical(destination, failed);
  if (!failed && IsInside(target, fs::weakly_canonical(data_folder, failed))) {
    return Fail(ErrorCode::kValidation, destination.string() +
                                            " is in the data folder, and a backup there is lost with it; choose a "
                                            "folder elsewhere, best on another disk");
  }
  const bool made = ::mkdir(destination.c_str(), 0700) == 0;
  if (!made && errno != EEXIST) {
    return Fail(ErrorCode::kUnavailable, destination.string() + " cannot be made: " + std::strerror(errno) +
                                             "; make it, and let user " + std::to_string(::geteuid()) + " write there");
  }
  if (made && !base::SyncFolder(target.parent_path())) {
    return Fail(ErrorCode::kUnavailable, destination.string() + " cannot be made safe: " + std::strerror(errno));
  }
  struct stat info {};
  if (::stat(destination.c_str(), &info) != 0) {
    return Fail(ErrorCode::kUnavailable, destination.string() + " cannot be read: " + std::strerror(errno));
  }
  if (!S_ISDIR(info.st_mode)) return Fail(ErrorCode::kValidation, destination.string() + " is not a folder");
  return CheckSpace(destination, needed_bytes);
}

}  // namespace portal::service
