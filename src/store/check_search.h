#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "store/search_words.h"

struct sqlite3;

namespace portal::store {

/// Holds the search tables against the rows that they are made of. They keep no text and no list of their rows, so
/// FTS5's own check is of no use; what they do keep can be read through its vocabulary: pairs of a word and a row.
/// Throws SQLite::Exception. Not thread-safe.
class SearchCheck {
 public:
  explicit SearchCheck(sqlite3* db);

  /// Words of rows, by row_id, with a space behind each.
  using Words = std::map<std::int64_t, std::string>;
  /// What is wrong with some rows of one search table.
  struct Difference {
    std::size_t table = 0;
    Words absent;                      ///< the rows have them, the table does not
    Words extra;                       ///< the other way round
    std::optional<std::int64_t> last;  ///< there are rows behind this one; none: all were looked at
  };
  /// How many search tables there are; each can be held against its rows without the others.
  static std::size_t tables();
  /// Says so where something is wrong with the words of one tenant in one of them. REQUIRES: a snapshot is open.
  std::optional<std::string> Examine(std::size_t table, const base::TenantId& tenant, const std::string& slug);
  /// Compares the tenant's next rows behind `after`, a hundred thousand at most. REQUIRES: a snapshot is open.
  Difference Compare(std::size_t table, const base::TenantId& tenant, std::int64_t after);
  /// Takes some rows out of the difference and repairs them: few enough for a transaction that nobody waits for. Rows
  /// that were changed since are left as they are now. Returns how many it took. REQUIRES: a write transaction is open.
  std::int64_t RepairSome(Difference& difference, const base::TenantId& tenant);

  /// Tenants that have words in a search table; whoever is not a tenant any more should not be among them.
  std::vector<base::TenantId> TenantsWithWords();

 private:
  sqlite3* db_;
  SearchWords words_;
};

}  // namespace portal::store
