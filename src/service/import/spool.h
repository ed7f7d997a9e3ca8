#pragma once

#include <filesystem>
#include <memory>
#include <string_view>

#include "base/result.h"
#include "base/unique_fd.h"
#include "crypto/hash.h"

namespace portal::service {

/// Keeps what comes in on disk until it can be worked on, in a file without a name, which goes with this object or with
/// the process. Not thread-safe.
class Spool {
 public:
  /// kStorageFull, kUnavailable.
  static base::Result<Spool> Create(const std::filesystem::path& folder);

  /// kStorageFull, kUnavailable.
  base::Status Append(std::string_view bytes);
  /// The SHA-256 of what was appended since it was last asked for.
  crypto::Sha256Digest Digest() { return digest_->Finish(); }
  /// Turns to reading from the beginning. kUnavailable.
  base::Status Rewind();
  int fd() const { return fd_.get(); }

 private:
  explicit Spool(base::UniqueFd fd) : fd_(std::move(fd)) {}

  base::UniqueFd fd_;
  std::unique_ptr<crypto::Sha256Stream> digest_ = std::make_unique<crypto::Sha256Stream>();
};

}  // namespace portal::service
