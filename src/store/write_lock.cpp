#include "store/write_lock.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <thread>

#include "base/durable.h"

namespace portal::store {
namespace {

using SteadyTime = std::chrono::steady_clock::time_point;

constexpr int kTurnstileByte = 0;
constexpr int kLockByte = 1;

// Waiting between processes polls: F_OFD_SETLKW can only be bounded by signals. The turnstile keeps polling
// fair, since a waiter polls for the lock with the turnstile in its hand.
constexpr std::chrono::microseconds kFirstPause{50};
constexpr std::chrono::microseconds kLongestPause{1'000};

int SetLock(int fd, int byte, short type) {
  struct flock region {};
  region.l_type = type;
  region.l_whence = SEEK_SET;
  region.l_start = byte;
  region.l_len = 1;
  return ::fcntl(fd, F_OFD_SETLK, &region);
}

const char* WhyNotOpened(int error) {
  if (error == EROFS) return "The data folder is on a read-only file system";
  if (error == EACCES || error == EPERM) return "The data folder cannot be written by this user";
  if (base::IsOutOfSpace(error)) return "There is no space left in the data folder";
  return "The data folder cannot be used; check the disk";
}

}  // namespace

base::Result<std::unique_ptr<WriteLock>> WriteLock::Open(const std::filesystem::path& file) {
  base::UniqueFd fd(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!fd) {
    const int error = errno;
    return base::Fail(base::IsOutOfSpace(error) ? base::ErrorCode::kStorageFull : base::ErrorCode::kUnavailable,
                      WhyNotOpened(error), "open " + file.string() + ": " + std::strerror(error));
  }
  return std::unique_ptr<WriteLock>(new WriteLock(std::move(fd), file));
}

base::Status WriteLock::CheckFile() const {
  struct stat held {};
  struct stat named {};
  if (::fstat(fd_.get(), &held) == 0 && ::stat(file_.c_str(), &named) == 0 && held.st_dev == named.st_dev &&
      held.st_ino == named.st_ino) {
    return {};
  }
  return base::Fail(base::ErrorCode::kUnavailable,
                    "The database's lock file was removed or replaced; restart the program",
                    file_.string() + " is not the file that was opened");
}

base::Result<WriteLock::Held> WriteLock::Acquire(std::chrono::milliseconds wait) {
  const SteadyTime deadline = std::chrono::steady_clock::now() + wait;
  if (!EnterProcessQueue(deadline)) {
    return base::Fail(base::ErrorCode::kUnavailable, "The database is busy with another change; try again",
                      "write lock: another thread of this process holds it");
  }
  base::Status locked = LockByte(kTurnstileByte, deadline);
  if (locked) {
    locked = LockByte(kLockByte, deadline);
    UnlockByte(kTurnstileByte);
  }
  if (locked) {
    locked = CheckFile();  // a lock on a file that others cannot find locks nobody out
    if (!locked) UnlockByte(kLockByte);
  }
  if (!locked) {
    LeaveProcessQueue();
    return base::Fail(std::move(locked.error()));
  }
  return Held(*this);
}

bool WriteLock::EnterProcessQueue(SteadyTime deadline) {
  const base::MutexLock lock(mu_);
  const void* self = &deadline;  // an address that no other waiting thread has
  queue_.push_back(self);
  while (queue_.front() != self && moved_.WaitUntil(mu_, deadline)) continue;
  if (queue_.front() == self) return true;
  queue_.erase(std::find(queue_.begin(), queue_.end(), self));
  return false;
}

void WriteLock::LeaveProcessQueue() {
  {
    const base::MutexLock lock(mu_);
    queue_.pop_front();
  }
  moved_.NotifyAll();
}

base::Status WriteLock::LockByte(int byte, SteadyTime deadline) const {
  auto pause = kFirstPause;
  while (SetLock(fd_.get(), byte, F_WRLCK) != 0) {
    const int error = errno;
    if (error != EAGAIN && error != EACCES && error != EINTR) {
      return base::Fail(base::ErrorCode::kUnavailable,
                        "The data folder's file system cannot lock files; keep the data on a local disk",
                        "lock " + file_.string() + ": " + std::strerror(error));
    }
    if (std::chrono::steady_clock::now() >= deadline) {
      return base::Fail(base::ErrorCode::kUnavailable,
                        "The database is locked by another process; try again when it is done",
                        "write lock: another process holds it");
    }
    std::this_thread::sleep_for(pause);
    pause = std::min(pause * 2, kLongestPause);
  }
  return {};
}

void WriteLock::UnlockByte(int byte) const { SetLock(fd_.get(), byte, F_UNLCK); }

void WriteLock::Release() {
  UnlockByte(kLockByte);
  LeaveProcessQueue();
}

}  // namespace portal::store
