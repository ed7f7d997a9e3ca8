#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <memory>

#include "base/result.h"

namespace portal::app {

/// Keeps a process that root started acting as another user; gives root back when it goes.
class ActingIdentity;

/// The one folder with everything that must not be lost: `portal.db`, `blobs/`, `keys/`. Opening it checks
/// what would otherwise fail later and less clearly. Errors are kUnavailable or kStorageFull; their details
/// are for the operator, before anything is served: they name the folder, what is wrong, what to do.
///
/// A process that root started acts as the folder's owner (effective user and group, no supplementary
/// groups) while the DataFolder lives, since files that root made in it, such as the database's WAL, would
/// lock the service out.
class DataFolder {
 public:
  enum class Create : std::uint8_t { kNo, kYes };
  /// `kYes` makes a missing folder (0700), and its parents.
  static base::Result<DataFolder> Open(const std::filesystem::path& path, Create create);

  DataFolder(DataFolder&&) noexcept;
  DataFolder& operator=(DataFolder&&) noexcept;
  ~DataFolder();

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path database() const { return path_ / "portal.db"; }
  std::filesystem::path blobs() const { return path_ / "blobs"; }
  std::filesystem::path keys() const { return path_ / "keys"; }
  /// True where nothing was ever kept here. A file system's own `lost+found` does not count.
  bool IsEmpty() const;

 private:
  DataFolder(std::filesystem::path path, std::unique_ptr<ActingIdentity> identity);

  std::filesystem::path path_;
  std::unique_ptr<ActingIdentity> identity_;  // null: the process acts as itself
};

/// For a while, the process that root started is root again: to read the caller's own files, which the data
/// folder's owner may not see. Does nothing in any other process. Affects all threads.
class CallerScope {
 public:
  CallerScope();
  ~CallerScope();
  CallerScope(const CallerScope&) = delete;
  CallerScope& operator=(const CallerScope&) = delete;

 private:
  uid_t acting_user_;
  gid_t acting_group_;
};

}  // namespace portal::app
