#include "service/backup/unfinished_folder.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <span>
#include <system_error>
#include <utility>

#include "base/durable.h"
#include "crypto/random.h"
#include "service/backup/folder_entries.h"

namespace portal::service {
namespace {

namespace fs = std::filesystem;
using base::ErrorCode;
using base::Fail;

constexpr std::size_t kRandomLetters = 12;

auto Failure(const std::string& what, const fs::path& where) {
  const int error = errno;
  const bool full = base::IsOutOfSpace(error);
  return Fail(full ? ErrorCode::kStorageFull : ErrorCode::kUnavailable,
              full ? "No space is left on the disk of " + where.string() + "; free some, or choose another folder"
                   : where.string() + " cannot be " + what + ": " + std::strerror(error) +
                         (error == EACCES || error == EPERM
                              ? "; let user " + std::to_string(::geteuid()) + " write there, or choose another folder"
                              : ""));
}

base::UniqueFd OpenFolder(const fs::path& folder) {
  return base::UniqueFd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW));
}

base::Status RemoveAbandoned(const fs::path& parent, std::string_view prefix) {
  const std::error_code failed = ForEachEntry(parent, [&](const fs::directory_entry& entry) {
    if (!entry.path().filename().string().starts_with(prefix)) return;
    // Whoever still builds there holds the lock. It is ours until all is gone, or another one would remove it too.
    const base::UniqueFd lock = OpenFolder(entry.path());
    if (!lock || ::flock(lock.get(), LOCK_EX | LOCK_NB) != 0) return;
    std::error_code ignored;
    fs::remove_all(entry.path(), ignored);
  });
  if (!failed) return {};
  errno = failed.value();
  return Failure("read", parent);
}

bool Give(int fd, const std::optional<FileOwner>& owner) {
  return !owner || ::fchown(fd, owner->user, owner->group) == 0;
}

base::Status SyncFolders(const fs::path& folder) {
  std::error_code failed;
  for (auto entry = fs::recursive_directory_iterator(folder, failed); !failed && entry != fs::end(entry);
       entry.increment(failed)) {
    const bool is_folder = entry->is_directory(failed);
    if (failed) break;
    if (is_folder && !base::SyncFolder(entry->path())) return Failure("made safe", entry->path());
  }
  if (failed) {
    errno = failed.value();
    return Failure("read", folder);
  }
  if (!base::SyncFolder(folder)) return Failure("made safe", folder);
  return {};
}

}  // namespace

base::Result<UnfinishedFolder> UnfinishedFolder::Make(const fs::path& parent, std::string_view prefix,
                                                      std::optional<FileOwner> owner) {
  if (auto tidied = RemoveAbandoned(parent, prefix); !tidied) return Fail(tidied.error());
  const fs::path path = parent / crypto::RandomId(prefix, kRandomLetters);
  if (::mkdir(path.c_str(), 0700) != 0) return Failure("written", parent);
  base::UniqueFd lock = OpenFolder(path);
  UnfinishedFolder made(path, std::move(lock), owner);
  if (!made.lock_ || ::flock(made.lock_.get(), LOCK_EX | LOCK_NB) != 0) return Failure("locked", path);
  if (!Give(made.lock_.get(), owner)) return Failure("given to its owner", path);
  return made;
}

UnfinishedFolder::~UnfinishedFolder() {
  if (path_.empty()) return;
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

base::Status UnfinishedFolder::MakeFolder(const fs::path& relative) const {
  const fs::path folder = path_ / relative;
  if (::mkdir(folder.c_str(), 0700) != 0) return Failure("made", folder);
  if (!owner_) return {};
  const base::UniqueFd fd = OpenFolder(folder);
  if (!fd || !Give(fd.get(), owner_)) return Failure("given to its owner", folder);
  return {};
}

base::Result<base::UniqueFd> UnfinishedFolder::MakeFile(const fs::path& relative) const {
  const fs::path file = path_ / relative;
  base::UniqueFd fd(::open(file.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!fd) return Failure("made", file);
  if (!Give(fd.get(), owner_)) return Failure("given to its owner", file);
  return fd;
}

base::Status UnfinishedFolder::WriteFile(const fs::path& relative, std::string_view content) const {
  const auto fd = MakeFile(relative);
  if (!fd) return Fail(fd.error());
  if (!base::WriteFully(fd->get(), std::as_bytes(std::span(content)))) return Failure("written", path_ / relative);
  if (::fsync(fd->get()) != 0) return Failure("made safe", path_ / relative);
  return {};
}

base::Status UnfinishedFolder::Adopt(const fs::path& relative) const {
  if (!owner_) return {};
  if (::lchown((path_ / relative).c_str(), owner_->user, owner_->group) == 0) return {};
  return Failure("given to its owner", path_ / relative);
}

base::Status UnfinishedFolder::Publish(const fs::path& target) {
  if (auto synced = SyncFolders(path_); !synced) return synced;
  if (::rename(path_.c_str(), target.c_str()) != 0) {
    if (errno == ENOTEMPTY || errno == EEXIST || errno == ENOTDIR) {
      return Fail(ErrorCode::kConflict, target.string() + " is there already and is not an empty folder");
    }
    return Failure("made", target);
  }
  path_.clear();
  if (!base::SyncFolder(target.parent_path())) return Failure("made safe", target.parent_path());
  return {};
}

base::Status RemoveWhole(const fs::path& folder, std::string_view prefix) {
  const fs::path removed = folder.parent_path() / crypto::RandomId(prefix, kRandomLetters);
  if (::rename(folder.c_str(), removed.c_str()) != 0) return Failure("removed", folder);
  std::error_code failed;
  fs::remove_all(removed, failed);
  if (!failed) return {};
  errno = failed.value();
  return Failure("removed", folder);
}

}  // namespace portal::service
