#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"
#include "base/unique_fd.h"

namespace portal::service {

/// Whose the made files are to be; only root can give them to somebody else.
struct FileOwner {
  uid_t user = 0;
  gid_t group = 0;
};

/// A folder that is built under a temporary name and takes its own when it is whole, so that whoever looks for it
/// finds all of it or nothing, whatever is killed when. Goes with its content unless it was published. Files and
/// folders in it are private. Errors are kUnavailable or kStorageFull. Not thread-safe.
class UnfinishedFolder {
 public:
  /// Makes `parent`/`prefix` with random letters behind it, after removing those that processes which died left there:
  /// a living one holds a lock on its own. `owner`: null: the process's own user.
  static base::Result<UnfinishedFolder> Make(const std::filesystem::path& parent, std::string_view prefix,
                                             std::optional<FileOwner> owner);
  UnfinishedFolder(UnfinishedFolder&& other) noexcept
      : path_(std::exchange(other.path_, {})), lock_(std::move(other.lock_)), owner_(other.owner_) {}
  ~UnfinishedFolder();

  const std::filesystem::path& path() const { return path_; }

  base::Status MakeFolder(const std::filesystem::path& relative) const;
  /// A new, empty file, open for writing.
  base::Result<base::UniqueFd> MakeFile(const std::filesystem::path& relative) const;
  /// A new file of that content, synced.
  base::Status WriteFile(const std::filesystem::path& relative, std::string_view content) const;
  /// Gives a file that somebody else made here to the owner.
  base::Status Adopt(const std::filesystem::path& relative) const;

  /// Syncs every folder of it, gives it the name `target`, and syncs the folder that holds it. `target` may be there
  /// as an empty folder. kConflict: something else has that name.
  base::Status Publish(const std::filesystem::path& target);

 private:
  UnfinishedFolder(std::filesystem::path path, base::UniqueFd lock, std::optional<FileOwner> owner)
      : path_(std::move(path)), lock_(std::move(lock)), owner_(owner) {}

  std::filesystem::path path_;  // empty once it is published
  base::UniqueFd lock_;
  std::optional<FileOwner> owner_;
};

/// Removes a folder that others may look at as if it were whole: renames it first to a name that begins with
/// `prefix`, so that UnfinishedFolder::Make clears up after a crash.
base::Status RemoveWhole(const std::filesystem::path& folder, std::string_view prefix);

}  // namespace portal::service
