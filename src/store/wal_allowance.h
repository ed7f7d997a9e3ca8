#pragma once

#include <cstdint>
#include <filesystem>

namespace portal::store {

/// How far the write-ahead log may grow while somebody holds a snapshot: by the larger of 1 GiB and the database's
/// size, but never by more than half of what is free, since the portal needs the rest to go on writing. In bytes.
std::uintmax_t WalAllowance(std::uintmax_t database_bytes, std::uintmax_t free_bytes);

/// Watches the log beside a database from the moment a snapshot begins. Nobody can empty it meanwhile. Not thread-safe.
class WalWatch {
 public:
  explicit WalWatch(const std::filesystem::path& database);

  /// Since it began. In bytes.
  std::uintmax_t Growth() const;
  /// Has it grown further than it may by now? Whoever holds the snapshot should let it go.
  bool TooMuch() const;

 private:
  std::filesystem::path database_;
  std::filesystem::path wal_;
  std::uintmax_t before_;
};

}  // namespace portal::store
