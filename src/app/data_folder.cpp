#include "app/data_folder.h"

#include <fcntl.h>
#include <grp.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "base/durable.h"

namespace portal::app {
namespace {

using base::ErrorCode;
using base::Fail;
using base::Status;

constexpr std::uintmax_t kMinFreeBytes = 16 << 20;

/// Numeric: names of users cannot be looked up in a static program without loading libraries.
std::string User(uid_t user) { return user == 0 ? "root" : "user " + std::to_string(user); }

std::string Named(const std::filesystem::path& path) { return "the data folder " + path.string(); }

auto CannotMake(const std::filesystem::path& path, const std::string& why) {
  return Fail(ErrorCode::kUnavailable,
              Named(path) + " cannot be created: " + why +
                  ". Create it for the user who runs the service, or name another folder with --data-dir");
}

/// With the folders that are missing above it. A store is no safer than the names on the way to it, so all of the new
/// ones are synced.
Status Make(const std::filesystem::path& path) {
  std::error_code error;
  std::filesystem::path folder = std::filesystem::absolute(path, error);
  if (!folder.has_filename()) folder = folder.parent_path();  // "portal/"
  const std::filesystem::path parent = folder.parent_path();
  std::vector<std::filesystem::path> changed = {parent};
  while (!error && !std::filesystem::exists(changed.back(), error) && changed.back().has_relative_path()) {
    changed.push_back(changed.back().parent_path());
  }
  if (!error) std::filesystem::create_directories(parent, error);
  if (error) return CannotMake(path, parent.string() + ": " + error.message());
  if (::mkdir(folder.c_str(), 0700) != 0) {
    if (errno == EEXIST) return {};
    return CannotMake(path, std::strerror(errno));
  }
  for (const std::filesystem::path& with_new_name : changed) {
    if (!base::SyncFolder(with_new_name)) {
      return CannotMake(path, "sync " + with_new_name.string() + ": " + std::strerror(errno));
    }
  }
  return {};
}

/// For a new store: one that is there already is opened on a full disk too, since it can still be read.
Status CheckSpace(const std::filesystem::path& path) {
  struct statvfs system {};
  if (::statvfs(path.c_str(), &system) != 0) return {};
  const std::uintmax_t free_bytes = static_cast<std::uintmax_t>(system.f_bavail) * system.f_frsize;
  if (free_bytes >= kMinFreeBytes) return {};
  return Fail(ErrorCode::kStorageFull, "the disk of " + Named(path) + " is full: " + std::to_string(free_bytes >> 10) +
                                           " KiB are free and 16 MiB are needed. " +
                                           "Free some space, or move the folder to a larger disk");
}

Status CheckAccess(const std::filesystem::path& path) {
  struct statvfs system {};
  if (::statvfs(path.c_str(), &system) != 0) {
    return Fail(ErrorCode::kUnavailable, Named(path) + " cannot be read: " + std::strerror(errno));
  }
  if ((system.f_flag & ST_RDONLY) != 0) {
    return Fail(ErrorCode::kUnavailable, Named(path) +
                                             " is on a read-only file system. Mount it writable, or name "
                                             "another folder with --data-dir");
  }
  if (::faccessat(AT_FDCWD, path.c_str(), R_OK | X_OK, AT_EACCESS) != 0) {
    return Fail(ErrorCode::kUnavailable, Named(path) + " cannot be read: " + std::strerror(errno) +
                                             ". Give its owner access: chmod u+rwx " + path.string());
  }
  if (::faccessat(AT_FDCWD, path.c_str(), W_OK, AT_EACCESS) != 0) {
    return Fail(ErrorCode::kUnavailable, Named(path) + " is read-only: " + std::strerror(errno) +
                                             ". Give its owner access: chmod u+rwx " + path.string());
  }
  return {};
}

}  // namespace

class ActingIdentity {
 public:
  /// Null when the process already is the owner. Refuses where it may not become the owner.
  static base::Result<std::unique_ptr<ActingIdentity>> Become(const std::filesystem::path& path,
                                                              const struct stat& folder) {
    const uid_t self = ::geteuid();
    if (folder.st_uid == self) return nullptr;
    if (self != 0) {
      return Fail(ErrorCode::kUnavailable, Named(path) + " belongs to " + User(folder.st_uid) + ", and this is " +
                                               User(self) + ". Run the command as its owner: sudo -u '#" +
                                               std::to_string(folder.st_uid) + "' portal-appliance …");
    }
    std::unique_ptr<ActingIdentity> identity(new ActingIdentity);
    if (::setgroups(0, nullptr) != 0 || ::setegid(folder.st_gid) != 0 || ::seteuid(folder.st_uid) != 0) {
      return Fail(ErrorCode::kUnavailable, Named(path) + " belongs to " + User(folder.st_uid) +
                                               ", and root cannot act as that user here: " + std::strerror(errno) +
                                               ". Run the command as its owner: sudo -u '#" +
                                               std::to_string(folder.st_uid) + "' portal-appliance …");
    }
    return identity;
  }

  ~ActingIdentity() {
    // Root may always take its own identity back; its groups only if it is root again.
    if (::seteuid(0) == 0 && ::setegid(group_) == 0) {
      static_cast<void>(::setgroups(groups_.size(), groups_.data()));
    }
  }

 private:
  ActingIdentity() : group_(::getegid()) {
    const int count = ::getgroups(0, nullptr);
    groups_.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
    if (!groups_.empty() && ::getgroups(count, groups_.data()) < 0) groups_.clear();
  }

  gid_t group_;
  std::vector<gid_t> groups_;
};

DataFolder::DataFolder(std::filesystem::path path, std::unique_ptr<ActingIdentity> identity)
    : path_(std::move(path)), identity_(std::move(identity)) {}
DataFolder::DataFolder(DataFolder&&) noexcept = default;
DataFolder& DataFolder::operator=(DataFolder&&) noexcept = default;
DataFolder::~DataFolder() = default;

base::Result<DataFolder> DataFolder::Open(const std::filesystem::path& path, Create create) {
  struct stat folder {};
  bool found = ::stat(path.c_str(), &folder) == 0;
  if (!found && errno == ENOENT) {
    if (create == Create::kNo) {
      return Fail(ErrorCode::kUnavailable, Named(path) +
                                               " does not exist. Name the right one with --data-dir, or make "
                                               "it with: portal-appliance tenant create SLUG");
    }
    if (auto made = Make(path); !made) return Fail(std::move(made.error()));
    found = ::stat(path.c_str(), &folder) == 0;
  }
  if (!found) return Fail(ErrorCode::kUnavailable, Named(path) + " cannot be read: " + std::strerror(errno));
  if (!S_ISDIR(folder.st_mode)) {
    return Fail(ErrorCode::kUnavailable, Named(path) + " is not a folder. Name another one with --data-dir");
  }
  auto identity = ActingIdentity::Become(path, folder);
  if (!identity) return Fail(std::move(identity.error()));
  if (auto usable = CheckAccess(path); !usable) return Fail(std::move(usable.error()));
  DataFolder opened(path, std::move(*identity));
  if (opened.IsEmpty()) {
    if (auto space = CheckSpace(path); !space) return Fail(std::move(space.error()));
  }
  return opened;
}

bool DataFolder::IsEmpty() const {
  std::error_code unreadable;
  std::filesystem::directory_iterator entry(path_, unreadable);
  for (; !unreadable && entry != std::filesystem::directory_iterator(); entry.increment(unreadable)) {
    if (entry->path().filename() != "lost+found") return false;
  }
  return !unreadable;  // what cannot be read may hold anything
}

CallerScope::CallerScope() : acting_user_(::geteuid()), acting_group_(::getegid()) {
  if (acting_user_ == 0 || ::getuid() != 0) return;
  // Root's own identity is the saved one, so this cannot be refused.
  static_cast<void>(::seteuid(0) == 0 && ::setegid(0) == 0);
}

CallerScope::~CallerScope() {
  if (acting_user_ == 0 || ::getuid() != 0) return;
  if (::setegid(acting_group_) != 0 || ::seteuid(acting_user_) != 0) std::terminate();  // never on as root unnoticed
}

}  // namespace portal::app
