#include "store/backup_lock.h"

#include <fcntl.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <thread>
#include <utility>

namespace portal::store {
namespace {

using std::filesystem::path;

constexpr int kBlobsByte = 0;
constexpr int kBackupByte = 1;
constexpr int kWaitingByte = 2;
// F_OFD_SETLKW can only be bounded by signals.
constexpr std::chrono::milliseconds kPause{2};
constexpr auto kPatient = [] { return false; };

path FileOf(const path& data_folder) { return data_folder / "portal.backup-lock"; }

auto Unusable(const char* action, const path& data_folder) {
  const int error = errno;
  return base::Fail(base::ErrorCode::kUnavailable, "The data folder's backup lock cannot be used by this user",
                    std::string(action) + " " + FileOf(data_folder).string() + ": " + std::strerror(error));
}

base::Result<base::UniqueFd> Open(const path& data_folder) {
  base::UniqueFd fd(::open(FileOf(data_folder).c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!fd) return Unusable("open", data_folder);
  return fd;
}

struct flock Region(int byte, short type) {
  struct flock region {};
  region.l_type = type;
  region.l_whence = SEEK_SET;
  region.l_start = byte;
  region.l_len = 1;
  return region;
}

/// False: somebody else has it until `deadline`, or until `give_up` says so.
base::Result<bool> Lock(const base::UniqueFd& fd, int byte, short type, std::chrono::steady_clock::time_point deadline,
                        const path& data_folder, base::FunctionRef<bool()> give_up) {
  struct flock region = Region(byte, type);
  while (::fcntl(fd.get(), F_OFD_SETLK, &region) != 0) {
    if (errno != EAGAIN && errno != EACCES && errno != EINTR) return Unusable("lock", data_folder);
    if (std::chrono::steady_clock::now() >= deadline || give_up()) return false;
    std::this_thread::sleep_for(kPause);
  }
  return true;
}

base::Result<bool> SomebodyWaits(const base::UniqueFd& fd, const path& data_folder) {
  struct flock region = Region(kWaitingByte, F_WRLCK);
  if (::fcntl(fd.get(), F_OFD_GETLK, &region) != 0) return Unusable("look at", data_folder);
  return region.l_type != F_UNLCK;
}

}  // namespace

base::Result<BackupLock> BackupLock::KeepBlobs(const path& data_folder, std::chrono::milliseconds wait,
                                               base::FunctionRef<bool()> give_up) {
  auto fd = Open(data_folder);
  if (!fd) return base::Fail(std::move(fd.error()));
  // Nobody ever has this byte alone.
  const auto waits = Lock(*fd, kWaitingByte, F_RDLCK, {}, data_folder, kPatient);
  if (!waits) return base::Fail(waits.error());
  const auto locked = Lock(*fd, kBlobsByte, F_RDLCK, std::chrono::steady_clock::now() + wait, data_folder, give_up);
  if (!locked) return base::Fail(locked.error());
  const auto waited = Lock(*fd, kWaitingByte, F_UNLCK, {}, data_folder, kPatient);
  if (!waited) return base::Fail(waited.error());
  if (!*locked) {
    return base::Fail(base::ErrorCode::kUnavailable, "Files are being removed for good; try again when that is done",
                      FileOf(data_folder).string() + " is locked by another process");
  }
  return BackupLock(std::move(*fd));
}

base::Result<BackupLock> BackupLock::RemoveBlobs(const path& data_folder) {
  auto fd = Open(data_folder);
  if (!fd) return base::Fail(std::move(fd.error()));
  const auto waits = SomebodyWaits(*fd, data_folder);
  if (!waits) return base::Fail(waits.error());
  const auto locked = *waits ? base::Result<bool>(false) : Lock(*fd, kBlobsByte, F_WRLCK, {}, data_folder, kPatient);
  if (!locked) return base::Fail(locked.error());
  if (!*locked) return base::Fail(base::ErrorCode::kConflict, "A backup or an export needs the files just now");
  return BackupLock(std::move(*fd));
}

base::Result<BackupLock> BackupLock::MakeBackup(const path& data_folder, std::chrono::milliseconds wait,
                                                base::FunctionRef<bool()> give_up) {
  auto held = KeepBlobs(data_folder, wait, give_up);
  if (!held) return held;
  const auto locked = Lock(held->fd_, kBackupByte, F_WRLCK, {}, data_folder, kPatient);
  if (!locked) return base::Fail(locked.error());
  if (!*locked) {
    return base::Fail(base::ErrorCode::kConflict, "Another backup of this data folder is being made; wait for its end");
  }
  return held;
}

}  // namespace portal::store
