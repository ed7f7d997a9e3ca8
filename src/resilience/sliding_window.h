#pragma once

#include <cstddef>
#include <cstdint>

namespace portal::resilience {

/// When the requests of one key came, as far back as a window goes: exact, in microseconds. Takes 40 bytes for up to
/// four requests, and beyond them four to sixteen bytes for each that is in the window. Not thread-safe.
class SlidingWindow {
 public:
  /// The longest window: ticks are kept modulo 2^32, and two windows must be told apart.
  static constexpr std::int64_t kMaxLength = 0x7fff'ffff;

  SlidingWindow() = default;
  SlidingWindow(SlidingWindow&& other) noexcept;
  SlidingWindow& operator=(SlidingWindow&& other) noexcept;
  ~SlidingWindow() { Free(); }

  /// Drops what has left the window by `now`: what came at t leaves it at t + `length`. A `now` before what was added
  /// last counts as that. REQUIRES: `length` is 1 to kMaxLength, and always the same.
  void Expire(std::int64_t now, std::int64_t length);
  /// REQUIRES: as Expire, which was called with the same `now`.
  void Add(std::int64_t now);

  /// Adds all that another window of the same length holds. REQUIRES: this one is empty.
  void AddAll(const SlidingWindow& other);

  std::uint32_t count() const { return count_; }
  /// When the n-th that is left came, oldest first. REQUIRES: n < count().
  std::int64_t At(std::uint32_t n) const;
  /// When the last one was added, if ever.
  std::int64_t last() const { return last_; }
  /// What it holds beside itself.
  std::size_t heap_bytes() const { return log2_ == kInlineLog2 ? 0 : sizeof(std::uint32_t) << log2_; }

 private:
  static constexpr std::uint8_t kInlineLog2 = 2;

  std::uint32_t* ticks() { return log2_ == kInlineLog2 ? inline_ : heap_; }
  const std::uint32_t* ticks() const { return log2_ == kInlineLog2 ? inline_ : heap_; }
  std::uint32_t capacity() const { return 1u << log2_; }
  std::uint32_t mask() const { return capacity() - 1; }
  /// REQUIRES: count() <= 1 << log2, and log2 >= kInlineLog2.
  void Resize(std::uint8_t log2);
  void Free();

  std::int64_t last_ = 0;
  union {
    std::uint32_t inline_[1u << kInlineLog2] = {};
    std::uint32_t* heap_;  // 1 << log2_ of them, owned
  };
  std::uint32_t head_ = 0;  // of the oldest, in the ring
  std::uint32_t count_ = 0;
  std::uint8_t log2_ = kInlineLog2;  // of the ring's capacity
};

}  // namespace portal::resilience
