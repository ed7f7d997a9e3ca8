#pragma once

#include <cstdint>
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

  /// What is wrong with the words of one tenant, a sentence each. REQUIRES: a snapshot or transaction is open.
  std::vector<std::string> Examine(const base::TenantId& tenant, const std::string& slug);
  /// Adds the words that are missing and takes away those that no row has. REQUIRES: a write transaction is open.
  void Repair(const base::TenantId& tenant);
  /// Tenants that have words in a search table; whoever is not a tenant any more should not be among them.
  std::vector<base::TenantId> TenantsWithWords();

 private:
  sqlite3* db_;
  SearchWords words_;
};

}  // namespace portal::store
