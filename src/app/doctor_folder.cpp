#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <system_error>

#include "app/doctor.h"
#include "base/file_identity.h"
#include "base/unique_fd.h"
#include "service/backup/folder_entries.h"
#include "store/store_copy.h"

namespace portal::app {
namespace {

namespace fs = std::filesystem;
using State = Diagnosis::State;

// As many as a first look has time for.
constexpr int kMostFiles = 100'000;

std::string User(uid_t user) { return user == 0 ? "root" : "user " + std::to_string(user); }

Diagnosis Owner(const fs::path& folder, const struct stat& info) {
  const std::string whose = folder.string() + " belongs to " + User(info.st_uid);
  if ((info.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    return {"data folder", State::kWarning, whose + ", and others may look into it",
            "chmod 700 " + folder.string() + ": names and numbers of clients are in it"};
  }
  const uid_t self = ::geteuid();
  if (self != 0 && self != info.st_uid) {
    return {"data folder", State::kBad, whose + ", and this is " + User(self),
            "run commands as its owner: sudo -u '#" + std::to_string(info.st_uid) + "' portal-appliance …"};
  }
  return {"data folder", State::kGood, whose, ""};
}

/// A file of another user, root's write-ahead log for instance, locks the service out.
Diagnosis Strangers(const fs::path& folder, uid_t owner) {
  int files = 0;
  std::error_code failed;
  auto entry = fs::recursive_directory_iterator(folder, fs::directory_options::skip_permission_denied, failed);
  for (; !failed && entry != fs::end(entry) && files < kMostFiles; entry.increment(failed), ++files) {
    struct stat info {};
    if (::lstat(entry->path().c_str(), &info) != 0 || info.st_uid == owner) continue;
    return {"file owners", State::kBad, entry->path().string() + " belongs to " + User(info.st_uid),
            "chown -R " + std::to_string(owner) + " " + folder.string() + ", with the service stopped"};
  }
  return {"file owners", State::kGood, std::to_string(files) + " files, all the folder's owner's", ""};
}

Diagnosis Keys(const fs::path& folder, uid_t owner) {
  struct stat info {};
  const fs::path file = folder / "keys" / "signing.json";
  if (::lstat(file.c_str(), &info) != 0) return {"keys", State::kGood, "none yet; the portal makes them", ""};
  if ((info.st_mode & (S_IRWXG | S_IRWXO)) != 0 || info.st_uid != owner) {
    return {
        "keys", State::kBad, file.string() + " can be read by others, or is not the owner's",
        "chmod 600 and chown it, and replace the keys if somebody may have seen them: portal-appliance keys rotate"};
  }
  return {"keys", State::kGood, "private", ""};
}

/// From the file's header, without SQLite: nothing is locked, recovered or created. Changes that are still in the
/// write-ahead log do not show, but an upgrade is not one of them for long.
Diagnosis Schema(const fs::path& folder) {
  const std::string remedy = "restore a backup: portal-appliance restore SRC --data-dir NEW --confirm";
  const base::UniqueFd fd(::open((folder / "portal.db").c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (!fd && errno == ENOENT) {
    return {"database", State::kWarning, "there is none in the data folder",
            "portal-appliance tenant create SLUG begins one; or name the right folder with --data-dir"};
  }
  unsigned char head[100] = {};
  if (!fd || ::pread(fd.get(), head, sizeof head, 0) != sizeof head) {
    return {"database", State::kBad, std::string("portal.db cannot be read: ") + std::strerror(errno), remedy};
  }
  if (std::memcmp(head, "SQLite format 3", 16) != 0 || std::memcmp(head + 68, "Prtl", 4) != 0) {
    return {"database", State::kBad, "portal.db is not a portal's database", remedy};
  }
  const int version = head[60] << 24 | head[61] << 16 | head[62] << 8 | head[63];
  const std::string found =
      "schema " + std::to_string(version) + ", this program knows " + std::to_string(store::NewestSchema());
  if (version > store::NewestSchema()) {
    return {"database", State::kBad, found + ": a newer release wrote it", "upgrade the program"};
  }
  return {"database", State::kGood, found + (version < store::NewestSchema() ? ": upgraded at the next start" : ""),
          ""};
}

std::string NameOf(const std::string& process) {
  std::string name(64, '\0');
  const base::UniqueFd fd(::open((process + "/comm").c_str(), O_RDONLY | O_CLOEXEC));
  const ssize_t got = fd ? ::read(fd.get(), name.data(), name.size()) : 0;
  name.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
  while (name.ends_with('\n')) name.pop_back();
  return name;
}

/// Processes that have the lock file open: those that use the store.
Diagnosis Users(const fs::path& folder) {
  const auto lock = base::FileIdentity::Of((folder / "portal.lock").string());
  std::string users;
  // Processes end while they are looked at: whatever cannot be read of one is passed over.
  service::ForEachEntry("/proc", [&](const fs::directory_entry& process) {
    const std::string id = process.path().filename().string();
    if (!lock || id.find_first_not_of("0123456789") != std::string::npos) return;
    bool uses = false;
    service::ForEachEntry(process.path() / "fd", [&](const fs::directory_entry& open) {
      struct stat info {};
      uses |= ::stat(open.path().c_str(), &info) == 0 && info.st_dev == lock->device && info.st_ino == lock->inode;
    });
    if (uses) users += (users.empty() ? "" : ", ") + NameOf(process.path().string()) + " (" + id + ")";
  });
  return {"in use by", State::kGood, users.empty() ? "nobody that this user can see" : users, ""};
}

}  // namespace

Diagnoses DiagnoseFolder(const config::Config& config) {
  const fs::path& folder = config.data_dir;
  struct stat info {};
  if (::stat(folder.c_str(), &info) != 0 || !S_ISDIR(info.st_mode)) {
    return {{"data folder", State::kBad, folder.string() + " is not a folder that can be read",
             "name the right one with --data-dir, or make it with: portal-appliance tenant create SLUG"}};
  }
  return {Owner(folder, info), Strangers(folder, info.st_uid), Keys(folder, info.st_uid), Schema(folder),
          Users(folder)};
}

}  // namespace portal::app
