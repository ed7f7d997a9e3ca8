#include "net/input_buffer.h"

#include <cstring>
#include <utility>

namespace portal::net {

namespace {

constexpr std::size_t kLeastRoom = 4 * 1024;

}  // namespace

void InputBuffer::Assign(std::string_view bytes) {
  Clear();
  if (bytes.empty()) return;
  Move(bytes.size() + kLeastRoom);
  std::memcpy(bytes_.get(), bytes.data(), bytes.size());
  end_ = bytes.size();
}

std::span<char> InputBuffer::Room() {
  if (capacity_ - end_ < kLeastRoom) Move(2 * (end_ - begin_) + kLeastRoom);
  return {bytes_.get() + end_, capacity_ - end_};
}

void InputBuffer::Consume(std::size_t bytes) {
  begin_ += bytes;
  if (empty()) Clear();
}

void InputBuffer::Clear() {
  bytes_.reset();
  capacity_ = begin_ = end_ = 0;
}

void InputBuffer::Move(std::size_t capacity) {
  std::unique_ptr<char[]> moved(new char[capacity]);
  if (!empty()) std::memcpy(moved.get(), bytes_.get() + begin_, end_ - begin_);
  bytes_ = std::move(moved);
  end_ -= begin_;
  begin_ = 0;
  capacity_ = capacity;
}

}  // namespace portal::net
