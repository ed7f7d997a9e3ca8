#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string_view>

#include "base/result.h"
#include "base/unique_fd.h"
#include "model/file.h"

namespace portal::blob {

/// Files named by the SHA-256 of their content: `ab/cdef…` below a folder. Written to a temporary name,
/// synced, renamed, and the folder synced, so that a blob is either whole or not there; equal content is
/// kept once. Thread-safe, also between processes.
class BlobStore {
 public:
  enum class Sync { kYes, kNo };  // kNo: throw-away stores

  /// Creates the folder (0700) when it is missing. kUnavailable names the folder in `internal` only.
  static base::Result<BlobStore> Open(std::filesystem::path folder, Sync sync);

  struct Stored {
    model::ContentHash sha256;
    std::int64_t size_bytes = 0;
  };
  /// Reads `source` to its end. kStorageFull, kUnavailable; nothing is left behind on failure.
  base::Result<Stored> Put(int source_fd);
  base::Result<Stored> Put(std::string_view content);

  struct Opened {
    base::UniqueFd fd;
    std::int64_t size_bytes = 0;
  };
  /// kNotFound ("File not found") when there is no such blob.
  base::Result<Opened> Open(std::span<const unsigned char, 32> sha256) const;

 private:
  BlobStore(std::filesystem::path folder, Sync sync) : folder_(std::move(folder)), sync_(sync) {}
  std::filesystem::path folder_;
  Sync sync_;
};

}  // namespace portal::blob
