#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <utility>

#include "base/result.h"
#include "base/unique_fd.h"
#include "crypto/hash.h"
#include "model/file.h"
#include "resilience/guard.h"

namespace portal::blob {

/// A file under `tmp/` of a blob store that goes again unless it is moved to its place. Not thread-safe.
class TemporaryFile {
 public:
  /// kStorageFull, kUnavailable.
  static base::Result<TemporaryFile> Make(const std::filesystem::path& tmp);
  TemporaryFile(TemporaryFile&&) noexcept = default;
  TemporaryFile& operator=(TemporaryFile&&) = delete;
  ~TemporaryFile();

  int fd() const { return fd_.get(); }
  const std::filesystem::path& where() const { return path_; }
  /// False, with errno: it is still here.
  bool MoveTo(const std::filesystem::path& target);

 private:
  TemporaryFile(std::filesystem::path path, base::UniqueFd fd) : path_(std::move(path)), fd_(std::move(fd)) {}

  std::filesystem::path path_;
  base::UniqueFd fd_;  // none once it was moved
};

/// Bytes that are whole, hashed and synced, and no blob yet: BlobStore::Publish makes them one. They go with this
/// object otherwise. Movable; not thread-safe.
class StagedBlob {
 public:
  const model::ContentHash& sha256() const { return sha256_; }
  std::int64_t size_bytes() const { return size_bytes_; }
  /// The first bytes, as many as there are and fit. Returns how many. kUnavailable, kCircuitOpen.
  base::Result<std::size_t> ReadHead(std::span<char> out) const;

 private:
  friend class BlobStore;
  friend class BlobStaging;
  StagedBlob(TemporaryFile file, resilience::Guard guard, const model::ContentHash& sha256, std::int64_t size_bytes)
      : file_(std::move(file)), guard_(guard), sha256_(sha256), size_bytes_(size_bytes) {}

  TemporaryFile file_;
  resilience::Guard guard_;
  model::ContentHash sha256_;
  std::int64_t size_bytes_;
};

/// A blob that is being received: hashed while it is written. What was written goes with this object unless Finish is
/// called. Movable; not thread-safe.
class BlobStaging {
 public:
  /// kStorageFull, kUnavailable, kCircuitOpen; give up then.
  base::Status Append(std::span<const std::byte> bytes);
  std::int64_t size_bytes() const { return size_bytes_; }
  /// Makes the bytes outlive a power cut. kStorageFull, kUnavailable, kCircuitOpen.
  base::Result<StagedBlob> Finish() &&;

 private:
  friend class BlobStore;
  BlobStaging(TemporaryFile file, resilience::Guard guard, bool sync)
      : file_(std::move(file)), guard_(guard), sync_(sync) {}

  TemporaryFile file_;
  resilience::Guard guard_;
  bool sync_;
  std::unique_ptr<crypto::Sha256Stream> hash_ = std::make_unique<crypto::Sha256Stream>();
  std::int64_t size_bytes_ = 0;
  std::int64_t on_their_way_ = 0;  // bytes that the kernel was asked to write out
};

}  // namespace portal::blob
