#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

namespace portal::service {

/// The ids that an import has met, with their lines, in 32 to 64 bytes each whatever their length. Ids are
/// kept as 128-bit hashes under a random key; that two different ones collide is not expected in the lifetime
/// of the machine. Not thread-safe.
class ImportSeenIds {
 public:
  ImportSeenIds();

  /// The line on which `id` was met before, or 0 after noting that it was met on `line`.
  std::uint64_t Note(std::string_view id, std::uint64_t line);

 private:
  struct Slot {
    std::uint64_t high = 0;
    std::uint64_t low = 0;
    std::uint64_t line = 0;  // 0: free
  };
  Slot& Find(std::uint64_t high, std::uint64_t low);
  void Grow();

  std::array<std::uint64_t, 4> key_;
  std::vector<Slot> slots_;  // a power of two of them
  std::size_t used_ = 0;
};

}  // namespace portal::service
