#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace portal::service {

/// A fixed sequence of numbers (SplitMix64, Steele et al. 2014), so that demo data is the same on every run
/// and every machine. Nothing secret may come from it.
class DemoRandom {
 public:
  explicit DemoRandom(std::uint64_t seed) : state_(seed) {}

  std::uint64_t Next() {
    std::uint64_t z = (state_ += 0x9E3779B97F4A7C15);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
    return z ^ (z >> 31);
  }
  /// 0 to `bound` - 1. REQUIRES: bound > 0.
  std::int64_t Below(std::int64_t bound) {
    return static_cast<std::int64_t>(Next() % static_cast<std::uint64_t>(bound));
  }
  /// `low` to `high`, both included.
  std::int64_t Between(std::int64_t low, std::int64_t high) { return low + Below(high - low + 1); }
  /// True `percent` times out of a hundred.
  bool Chance(int percent) { return Below(100) < percent; }

  template <typename List>
  const auto& Pick(const List& list) {
    return list[static_cast<std::size_t>(Below(static_cast<std::int64_t>(list.size())))];
  }

 private:
  std::uint64_t state_;
};

/// `prefix` and 12 base62 characters.
std::string DemoId(std::string_view prefix, DemoRandom& random);
/// In the form of a version 4 UUID.
std::string DemoUuid(DemoRandom& random);

}  // namespace portal::service
