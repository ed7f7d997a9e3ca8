#pragma once

#include <chrono>
#include <deque>
#include <filesystem>
#include <memory>

#include "base/mutex.h"
#include "base/result.h"
#include "base/unique_fd.h"

namespace portal::store {

/// The one lock over everything that may change the database's files: write transactions, checkpoints,
/// migrations, opening and closing. Held by one thread of one process at a time. Within a process, threads
/// get it in the order in which they asked. Between processes it is two bytes of `portal.lock` under
/// open-file-description locks: whoever wants byte 1 (the lock) first takes byte 0 (the turnstile) and
/// gives it back once it has the lock. A process that comes again at once therefore waits behind one that
/// is already in the turnstile, and an import cannot starve a server; a process that dies lets go of both.
/// Thread-safe.
class WriteLock {
 public:
  /// Creates the file (0600) where it is missing. kUnavailable.
  static base::Result<std::unique_ptr<WriteLock>> Open(const std::filesystem::path& file);
  WriteLock(const WriteLock&) = delete;
  WriteLock& operator=(const WriteLock&) = delete;

  class Held {
   public:
    explicit Held(WriteLock& lock) : lock_(&lock) {}
    Held(Held&& other) noexcept : lock_(std::exchange(other.lock_, nullptr)) {}
    Held(const Held&) = delete;
    ~Held() {
      if (lock_) lock_->Release();
    }

   private:
    WriteLock* lock_;
  };

  /// kUnavailable: "locked by another process" when `wait` ends first; at once where the system cannot lock,
  /// or where the file is no longer the one that other processes would find.
  base::Result<Held> Acquire(std::chrono::milliseconds wait);

  /// kUnavailable when the file was removed, or another one has its name. Takes no lock.
  base::Status CheckFile() const;

 private:
  WriteLock(base::UniqueFd fd, std::filesystem::path file) : fd_(std::move(fd)), file_(std::move(file)) {}
  bool EnterProcessQueue(std::chrono::steady_clock::time_point deadline);
  void LeaveProcessQueue();
  base::Status LockByte(int byte, std::chrono::steady_clock::time_point deadline) const;
  void UnlockByte(int byte) const;
  void Release();

  const base::UniqueFd fd_;
  const std::filesystem::path file_;
  base::Mutex mu_;
  base::CondVar moved_;
  std::deque<const void*> queue_ GUARDED_BY(mu_);  // who asked, the holder first
};

}  // namespace portal::store
