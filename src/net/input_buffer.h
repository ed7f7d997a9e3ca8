#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>

namespace portal::net {

/// Bytes of a connection that are not answered yet: the beginning of a head, or pipelined requests that
/// wait for their turn. Holds no memory while it is empty. Not thread-safe.
class InputBuffer {
 public:
  bool empty() const { return begin_ == end_; }
  std::string_view view() const { return {bytes_.get() + begin_, end_ - begin_}; }

  void Assign(std::string_view bytes);

  /// Room behind the content, at least a few kilobytes; moves the content.
  std::span<char> Room();
  /// The first `bytes` of that room are content now.
  void Commit(std::size_t bytes) { end_ += bytes; }
  /// Drops `bytes` from the front.
  void Consume(std::size_t bytes);
  void Clear();

 private:
  void Move(std::size_t capacity);

  std::unique_ptr<char[]> bytes_;
  std::size_t capacity_ = 0;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

}  // namespace portal::net
