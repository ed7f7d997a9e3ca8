#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace portal::control {

/// Judges whether a client keeps up: over each `window` of waiting for it, it must move `bytes_per_second` on average.
/// Time in which nobody waits for it does not count. Pure; not thread-safe.
class Pace {
 public:
  using Duration = std::chrono::milliseconds;

  Pace(Duration window, std::uint64_t bytes_per_second) : window_(window), left_(window), rate_(bytes_per_second) {}

  /// How long may be waited for the next byte.
  Duration patience() const { return left_; }

  /// It was waited for so long, and so much was moved then. False: the client is too slow.
  bool Note(Duration waited, std::uint64_t bytes) {
    moved_ += bytes;
    left_ -= std::min(waited, left_);
    if (left_ > Duration{0}) return true;
    // Less than a byte a window would be no movement at all.
    const auto needed = std::max<std::uint64_t>(1, rate_ * static_cast<std::uint64_t>(window_.count()) / 1000);
    const bool keeps_up = moved_ >= needed;
    left_ = window_;
    moved_ = 0;
    return keeps_up;
  }

 private:
  const Duration window_;
  Duration left_;
  const std::uint64_t rate_;
  std::uint64_t moved_ = 0;
};

}  // namespace portal::control
