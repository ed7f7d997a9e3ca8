#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace portal::faults {

/// What a power cut does with what nobody has synced.
enum class Loss {
  kAll,   ///< nothing of it is there
  kSome,  ///< any part of it is, in any order, torn at sectors
};

/// A file's bytes, as programs see them and as a disk would have them after a power cut.
class LossyContent {
 public:
  LossyContent() = default;
  /// Bytes that are on the disk.
  explicit LossyContent(std::string bytes) : live_(bytes), synced_(std::move(bytes)) {}

  const std::string& live() const { return live_; }
  void Write(std::size_t offset, std::string_view bytes);
  void Resize(std::size_t size);
  void Sync();

  std::size_t unsynced() const { return changes_.size(); }
  /// What is left of it; each change since the last Sync is thrown for where some of them survive.
  std::string AfterPowerCut(Loss loss, std::mt19937& dice) const;

 private:
  struct Change {
    bool resize = false;
    std::size_t at = 0;  ///< the offset, or the new size
    std::string bytes;
  };
  static void Apply(const Change& change, std::string& content);
  static void ApplyTorn(const Change& change, std::mt19937& dice, std::string& content);

  std::string live_;
  std::string synced_;
  std::vector<Change> changes_;  // since synced_, in order
};

}  // namespace portal::faults
