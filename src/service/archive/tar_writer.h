#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "crypto/hash.h"
#include "service/archive/tar_header.h"

namespace portal::service {

/// Writes a tar archive into a file or pipe, one entry behind the other. Every call may fail with kStorageFull or
/// kUnavailable, whose detail says why the output cannot be written; the archive is then lost. Not thread-safe. Borrows
/// the descriptor.
class TarWriter {
 public:
  TarWriter(int fd, base::WallTime modified_at);

  base::Status Add(const std::string& name, std::string_view content);
  /// For content that does not fit into memory: Begin, then Write until all of `entry.size_bytes` is there, then End.
  base::Status Begin(const TarEntry& entry);
  base::Status Write(std::span<const std::byte> bytes);
  base::Status End();

  /// The SHA-256 of everything before this place in the archive. Once, between entries.
  crypto::Sha256Digest Digest() { return hash_.Finish(); }
  /// The end of the archive, and all of it handed to the system.
  base::Status Finish();

 private:
  base::Status Put(std::span<const std::byte> bytes);
  base::Status Flush();

  const int fd_;
  const base::WallTime modified_at_;
  crypto::Sha256Stream hash_;
  std::vector<std::byte> buffer_;
  std::uint64_t left_ = 0;  // of the entry at hand
  std::size_t padding_ = 0;
};

}  // namespace portal::service
