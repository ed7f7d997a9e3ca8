#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>

#include "base/clock.h"
#include "base/function_ref.h"
#include "base/logger.h"
#include "base/mutex.h"
#include "base/result.h"
#include "crypto/key_ring.h"

namespace portal::service {

/// The data folder's signing keys as they are now, whichever process changed them last. Looks at the key file's name
/// and times, not more than once in kLookEvery and only when somebody wants the keys, and reads the file when it is
/// another one: no thread, and nothing to tell a running portal after a rotation or a revocation. A file that cannot be
/// used leaves the keys as they were and is logged, once. Thread-safe.
class SigningKeys {
 public:
  static constexpr std::chrono::milliseconds kLookEvery{100};

  /// Makes the key file where there is none. kUnavailable or kStorageFull, with the remedy; see crypto/key_file.h.
  static base::Result<std::unique_ptr<SigningKeys>> Open(std::filesystem::path keys_folder, const base::Clock& clock,
                                                         base::Logger& logger);

  /// The keys as they were at most kLookEvery ago. Let go of them with the request: a revoked key is wiped from memory
  /// when nobody has it any more.
  std::shared_ptr<const crypto::KeyRing> Current();

  /// Whether `check` accepts by the keys as they are: those of Current, and where it does not accept by them, the ones
  /// in the file at this moment, since another portal may already have signed with a key that is newer.
  bool Accept(base::FunctionRef<bool(const crypto::KeyRing&)> check);

 private:
  /// What tells one state of the file from the next: a change of it is a rename, of its permissions a new ctime.
  struct FileState {
    dev_t device;
    ino_t inode;
    std::int64_t size_bytes;
    std::int64_t modified_ns;
    std::int64_t changed_ns;
    bool operator==(const FileState&) const = default;
  };

  SigningKeys(std::filesystem::path keys_folder, const base::Clock& clock, base::Logger& logger);
  std::optional<FileState> FindState() const;
  base::Status Load() REQUIRES(mu_);
  void Look(base::MonotonicTime now) REQUIRES(mu_);

  const std::filesystem::path keys_folder_;
  const std::filesystem::path file_;
  const base::Clock& clock_;
  base::Logger& logger_;
  base::Mutex mu_;
  std::shared_ptr<const crypto::KeyRing> ring_ GUARDED_BY(mu_);
  std::optional<FileState> seen_ GUARDED_BY(mu_);  ///< of the file that was last read or refused; unset: there was none
  base::MonotonicTime next_look_ GUARDED_BY(mu_);
};

}  // namespace portal::service
