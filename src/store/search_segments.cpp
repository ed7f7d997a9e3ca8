#include "store/search_segments.h"

#include <algorithm>

#include "store/statement.h"

namespace portal::store {
namespace {

// FTS5 keeps it under this number; ext/fts5/fts5_index.c, "FTS5_STRUCTURE_ROWID".
constexpr const char* kStructure[] = {"SELECT block FROM contacts_search_data WHERE id = 10",
                                      "SELECT block FROM jobs_search_data WHERE id = 10"};

constexpr std::size_t kCookieBytes = 4;
/// Follows the cookie since SQLite 3.43, once a table with `contentless_delete` was written. Ours have none.
constexpr unsigned char kSecondVersion = 0xff;

/// SQLite's variable-length integers; none here has more than 32 bits.
class Varints {
 public:
  explicit Varints(std::span<const unsigned char> bytes) : bytes_(bytes) {}

  std::int64_t Next() {
    std::int64_t value = 0;
    for (int digits = 0; digits < 5 && !bytes_.empty(); ++digits) {
      const unsigned char digit = bytes_.front();
      bytes_ = bytes_.subspan(1);
      value = value << 7 | (digit & 0x7f);
      if (digit < 0x80) return value;
    }
    failed_ = true;
    return 0;
  }
  bool failed() const { return failed_; }

 private:
  std::span<const unsigned char> bytes_;
  bool failed_ = false;
};

}  // namespace

std::optional<SearchSegments> ParseSearchSegments(std::span<const unsigned char> record) {
  if (record.size() <= kCookieBytes || record[kCookieBytes] == kSecondVersion) return std::nullopt;
  Varints numbers(record.subspan(kCookieBytes));
  SearchSegments found;
  const std::int64_t levels = numbers.Next();
  found.count = numbers.Next();
  found.pages_written = numbers.Next();
  for (std::int64_t level = 0; level < levels && !numbers.failed(); ++level) {
    numbers.Next();  // how many of them are being merged
    const std::int64_t segments = numbers.Next();
    for (std::int64_t segment = 0; segment < segments && !numbers.failed(); ++segment) {
      numbers.Next();  // its number
      const std::int64_t first = numbers.Next();
      const std::int64_t last = numbers.Next();
      const std::int64_t pages = last == 0 ? 0 : last - first + 1;
      found.pages += pages;
      found.pages_of_largest = std::max(found.pages_of_largest, pages);
    }
  }
  if (numbers.failed()) return std::nullopt;
  return found;
}

SearchSegments ReadSearchSegments(sqlite3* db, SearchTable table) {
  Statement read(db, kStructure[static_cast<std::size_t>(table)]);
  if (!read.Step()) return {};
  return ParseSearchSegments(read.Blob(0)).value_or(SearchSegments{});
}

}  // namespace portal::store
