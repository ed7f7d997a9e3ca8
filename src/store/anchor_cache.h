#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/mutex.h"
#include "store/list_sql.h"

namespace portal::store {

/// Where a row stands in a sorted list, as the database compares it.
struct ListPosition {
  std::int64_t time = 0;  ///< of time-sorted lists; the least number where scheduled_at is null
  std::string text;       ///< of name-sorted lists
  std::string id;         ///< as stored: a contact's is 16 bytes
};

/// Every kStride-th row of one unfiltered list in ascending order, as it was at one revision of its tenant. The
/// descending list is read upwards too.
struct Anchors {
  /// Skipping a row behind a keyset costs about 45 ns: a deep page takes at most 5 µs more than the first
  /// one. An anchor takes about 110 bytes.
  static constexpr std::int64_t kStride = 100;

  std::int64_t revision = 0;
  std::int64_t rows = 0;
  std::vector<ListPosition> positions;  ///< [i] is the row at ascending offset (i + 1) * kStride - 1

  /// Begin behind `position` (null: where the list begins), upwards, and skip `skip` rows.
  struct Start {
    const ListPosition* position = nullptr;
    std::int64_t skip = 0;
  };
  /// REQUIRES: 0 <= offset < rows
  Start Find(std::int64_t offset) const;

  std::size_t SizeBytes() const;
};

/// The anchors of the lists that were last read deeply, shared by all readers of a process. Those of an older
/// revision stay until newer ones replace them or their room is needed. Thread-safe.
class AnchorCache {
 public:
  struct Key {
    base::TenantId tenant;
    List list;
    std::uint8_t sort;
    friend bool operator==(const Key&, const Key&) = default;
  };

  explicit AnchorCache(std::size_t capacity_bytes) : capacity_bytes_(capacity_bytes) {}

  /// Null when there are none of that revision.
  std::shared_ptr<const Anchors> Find(const Key& key, std::int64_t revision);
  /// Replaces older ones; lets the least recently used go where there is no room.
  void Put(const Key& key, std::shared_ptr<const Anchors> anchors);
  void Clear();

 private:
  struct Entry {
    Key key;
    std::shared_ptr<const Anchors> anchors;
  };

  const std::size_t capacity_bytes_;
  base::Mutex mu_;
  std::list<Entry> entries_ GUARDED_BY(mu_);  // most recently used first
  std::size_t size_bytes_ GUARDED_BY(mu_) = 0;
};

}  // namespace portal::store
