#pragma once

#include <array>
#include <cassert>
#include <cstddef>
#include <cstring>
#include <string_view>

namespace portal::base {

/// A short text without an allocation: at most `kCapacity` bytes, longer input is cut.
template <std::size_t kCapacity>
class InlineText {
 public:
  InlineText() = default;
  explicit InlineText(std::string_view text) { Assign(text); }
  void Assign(std::string_view text) {
    size_ = text.size() < kCapacity ? text.size() : kCapacity;
    std::memcpy(bytes_.data(), text.data(), size_);
  }
  /// Room for `size` bytes that the caller fills in place. REQUIRES: size <= kCapacity.
  char* Resize(std::size_t size) {
    assert(size <= kCapacity);
    size_ = size;
    return bytes_.data();
  }
  std::string_view view() const { return {bytes_.data(), size_}; }
  bool empty() const { return size_ == 0; }

 private:
  std::array<char, kCapacity> bytes_;
  std::size_t size_ = 0;
};

}  // namespace portal::base
