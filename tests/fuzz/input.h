#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace portal::fuzz {

/// A fuzzer's bytes, taken from the front as choices and texts. An input that has run out gives zeros and
/// empty texts, so that every input is valid.
class Input {
 public:
  Input(const std::uint8_t* data, std::size_t size) : rest_(reinterpret_cast<const char*>(data), size) {}

  bool empty() const { return rest_.empty(); }

  std::uint8_t Byte() {
    if (rest_.empty()) return 0;
    const auto byte = static_cast<std::uint8_t>(rest_.front());
    rest_.remove_prefix(1);
    return byte;
  }

  bool Flag() { return (Byte() & 1) != 0; }

  /// From 0 to `count` - 1. REQUIRES: 0 < `count` <= 256.
  std::size_t Below(std::size_t count) { return Byte() % count; }

  template <typename T>
  const T& OneOf(std::span<const T> choices) {
    return choices[Below(choices.size())];
  }

  /// Eight bytes, most significant first.
  std::uint64_t Number() {
    std::uint64_t number = 0;
    for (int i = 0; i < 8; ++i) number = number << 8 | Byte();
    return number;
  }

  /// A text whose length is the next byte.
  std::string_view Text() {
    const std::size_t size = Byte();
    const std::string_view text = rest_.substr(0, size);
    rest_.remove_prefix(text.size());
    return text;
  }

  /// Everything that is left.
  std::string_view Rest() {
    const std::string_view rest = rest_;
    rest_ = {};
    return rest;
  }

 private:
  std::string_view rest_;
};

}  // namespace portal::fuzz
