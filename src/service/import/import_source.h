#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "crypto/hash.h"

namespace portal::service {

/// The bytes of a file or pipe, a window at a time. Not thread-safe. Borrows the descriptor.
class ImportSource {
 public:
  explicit ImportSource(int fd) : fd_(fd) {}

  /// What was read and not consumed. Valid until More.
  std::string_view Pending() const { return {buffer_.data() + begin_, end_ - begin_}; }
  /// Reads on; Pending keeps what it had and grows. False at the end, or when reading failed.
  bool More();
  void Consume(std::size_t bytes) {
    if (digest_) digest_->Update(std::as_bytes(std::span(buffer_.data() + begin_, bytes)));
    begin_ += bytes;
  }
  /// From now on, what is consumed also goes into `digest`, which is borrowed.
  void DigestInto(crypto::Sha256Stream& digest) { digest_ = &digest; }

  bool at_end() const { return at_end_; }
  std::uint64_t bytes_read() const { return bytes_read_; }
  const std::optional<base::Error>& failure() const { return failure_; }

 private:
  int fd_;
  crypto::Sha256Stream* digest_ = nullptr;
  std::vector<char> buffer_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  bool at_end_ = false;
  std::uint64_t bytes_read_ = 0;
  std::optional<base::Error> failure_;
};

}  // namespace portal::service
