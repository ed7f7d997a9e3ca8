#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "crypto/hash.h"
#include "service/archive/tar_header.h"

namespace portal::service {

/// Reads what TarWriter writes from a file or pipe, and nothing else: kValidation says what is wrong and at which byte
/// of the archive, kUnavailable that it cannot be read. Not thread-safe. Borrows the descriptor.
class TarReader {
 public:
  /// Called before each read of the input; an error ends the reading with it.
  using Await = std::function<base::Status()>;
  explicit TarReader(
      int fd, Await await = [] { return base::Status{}; });

  /// nullopt at the archive's end, behind which nothing may follow. REQUIRES: the entry before was read to its end.
  base::Result<std::optional<TarEntry>> Next();
  /// The next bytes of the entry, as many as are at hand; none at its end. Views into a buffer, good until the next
  /// call.
  base::Result<std::span<const std::byte>> Read();
  /// All of the entry. kValidation where it is larger.
  base::Result<std::string> ReadAll(std::uint64_t max_bytes);

  /// The SHA-256 of everything before the entry at hand. REQUIRES: nothing of the entry was read yet. Once.
  crypto::Sha256Digest DigestBeforeEntry() { return hash_.Finish(); }
  /// From the beginning of the archive.
  std::uint64_t bytes_read() const { return bytes_read_; }

 private:
  base::Result<TarBlock> TakeBlock();
  base::Status SkipPadding();
  base::Status ExpectEnd();
  /// Bytes that are at hand, at most so many; none only at the end of the input.
  base::Result<std::span<const std::byte>> Take(std::uint64_t most);
  base::Error Complaint(const std::string& what) const;

  const int fd_;
  const Await await_;
  std::vector<std::byte> buffer_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::uint64_t bytes_read_ = 0;
  crypto::Sha256Stream hash_;
  TarBlock header_{};
  bool header_hashed_ = true;  // false: the hash ends before the header at hand
  std::uint64_t left_ = 0;     // of the entry at hand
  std::size_t padding_ = 0;
};

}  // namespace portal::service
