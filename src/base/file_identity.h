#pragma once

#include <sys/stat.h>

#include <optional>
#include <string>

namespace portal::base {

/// Tells a file from another one that has come to the same path, for as long as somebody keeps it open: after that
/// its number may be given to the other. A link is itself, not what it points to.
struct FileIdentity {
  dev_t device = 0;
  ino_t inode = 0;

  /// Nullopt where there is none that can be seen.
  static std::optional<FileIdentity> Of(const std::string& path) {
    struct stat found {};
    if (::lstat(path.c_str(), &found) != 0) return std::nullopt;
    return FileIdentity{found.st_dev, found.st_ino};
  }
  /// Of an open file; nullopt where `fd` is none.
  static std::optional<FileIdentity> Of(int fd) {
    struct stat found {};
    if (::fstat(fd, &found) != 0) return std::nullopt;
    return FileIdentity{found.st_dev, found.st_ino};
  }
  bool operator==(const FileIdentity&) const = default;
};

}  // namespace portal::base
