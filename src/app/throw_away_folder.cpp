#include "app/throw_away_folder.h"

#include <linux/magic.h>
#include <stdlib.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <system_error>

namespace portal::app {
namespace {

constexpr const char* kSharedMemory = "/dev/shm";

bool IsWritableTmpfs(const char* path) {
  struct statfs info {};
  return ::statfs(path, &info) == 0 && info.f_type == TMPFS_MAGIC && ::access(path, W_OK | X_OK) == 0;
}

}  // namespace

base::Result<ThrowAwayFolder> ThrowAwayFolder::Make() {
  std::error_code ignored;
  const std::filesystem::path parent = IsWritableTmpfs(kSharedMemory) ? std::filesystem::path(kSharedMemory)
                                                                      : std::filesystem::temp_directory_path(ignored);
  std::string pattern = (parent / "portal-appliance-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) {
    return base::Fail(base::ErrorCode::kUnavailable, "Cannot make a temporary folder in " + parent.string() + ": " +
                                                         std::strerror(errno) + "; give a --data-dir");
  }
  return ThrowAwayFolder(pattern);
}

ThrowAwayFolder::~ThrowAwayFolder() {
  if (path_.empty()) return;
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace portal::app
