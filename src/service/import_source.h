#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace portal::service {

/// The bytes of a file or pipe, a window at a time. Not thread-safe. Borrows the descriptor.
class ImportSource {
 public:
  explicit ImportSource(int fd) : fd_(fd) {}

  /// What was read and not consumed. Valid until More.
  std::string_view Pending() const { return {buffer_.data() + begin_, end_ - begin_}; }
  /// Reads on; Pending keeps what it had and grows. False at the end, or when reading failed.
  bool More();
  void Consume(std::size_t bytes) { begin_ += bytes; }

  bool at_end() const { return at_end_; }
  std::uint64_t bytes_read() const { return bytes_read_; }
  const std::optional<base::Error>& failure() const { return failure_; }

 private:
  int fd_;
  std::vector<char> buffer_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  bool at_end_ = false;
  std::uint64_t bytes_read_ = 0;
  std::optional<base::Error> failure_;
};

}  // namespace portal::service
