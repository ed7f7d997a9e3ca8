#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string_view>

#include "base/function_ref.h"
#include "base/result.h"
#include "base/unique_fd.h"
#include "blob/staged_blob.h"
#include "model/file.h"
#include "resilience/guard.h"

namespace portal::blob {

/// Files named by the SHA-256 of their content: `ab/cdef…` below a folder. Written to a temporary name and synced
/// (staged), then renamed and the folder synced (published), so that a blob is either whole or not there; equal content
/// is kept once. Thread-safe, also between processes.
///
/// Every use once it is open passes the store's guard, and what needs space its guard of changes: kCircuitOpen.
///
/// Publishing and removing are to be done under the store's write lock, with the change of the rows that say who has
/// the blob: then no row ever names bytes that a purge has just taken away.
class BlobStore {
 public:
  enum class Sync { kYes, kNo };  // kNo: throw-away stores

  /// What reading a blob is to pretend, for test mode: that it is missing, or that the disk fails.
  enum class InjectedFault : std::uint8_t { kNone, kMissing, kIoError };
  using InjectedFaults = std::atomic<InjectedFault>;

  /// Creates the folder (0700) when it is missing. kUnavailable names the folder in `internal` only. `faults`:
  /// borrowed; null but in test mode.
  static base::Result<BlobStore> Open(std::filesystem::path folder, Sync sync, resilience::Guard guard = {},
                                      const InjectedFaults* faults = nullptr);

  /// Begins a blob. kStorageFull, kUnavailable.
  base::Result<BlobStaging> Stage() const;
  /// Reads `source` to its end. kStorageFull, kUnavailable; nothing is left behind on failure.
  base::Result<StagedBlob> Stage(int source_fd) const;
  /// Makes it a blob that outlives a power cut. kStorageFull, kUnavailable. REQUIRES: was not published before; the
  /// write lock is held, and what names the blob is committed before it is let go.
  base::Status Publish(StagedBlob& staged) const;

  struct Stored {
    model::ContentHash sha256;
    std::int64_t size_bytes = 0;
  };
  /// Stages and publishes without a lock: for a store that nobody serves or purges yet. `source` is read to its end.
  /// kStorageFull, kUnavailable; nothing is left behind on failure.
  base::Result<Stored> Put(int source_fd) const;
  base::Result<Stored> Put(std::string_view content) const;

  struct Opened {
    base::UniqueFd fd;
    std::int64_t size_bytes = 0;
  };
  /// kNotFound ("File not found") when there is no such blob.
  base::Result<Opened> Open(std::span<const unsigned char, 32> sha256) const;

  /// Takes the name away; whoever has the blob open reads on. False: there was none. kUnavailable.
  /// REQUIRES: the write lock is held, and no row names the blob.
  base::Result<bool> Remove(std::span<const unsigned char, 32> sha256) const;

  struct Found {
    model::ContentHash sha256;
    std::int64_t size_bytes = 0;
    std::chrono::sys_seconds modified;
  };
  /// All blobs whose hash begins with that byte. kUnavailable.
  base::Status ForEach(unsigned char first_byte, base::FunctionRef<void(const Found&)> found) const;
  /// Removes what processes that died while they staged left behind: what nobody has written to for an hour. Returns
  /// how many there were.
  std::int64_t RemoveAbandoned() const;

 private:
  BlobStore(std::filesystem::path folder, Sync sync, resilience::Guard guard, const InjectedFaults* faults)
      : folder_(std::move(folder)), sync_(sync), guard_(guard), faults_(faults) {}
  base::Status MoveToItsPlace(StagedBlob& staged) const;

  std::filesystem::path folder_;
  Sync sync_;
  resilience::Guard guard_;
  const InjectedFaults* faults_;
};

}  // namespace portal::blob
