#pragma once

#include <cstdint>
#include <string>

#include "store/statement.h"

namespace portal::store {

/// The rows of one FTS5 search table. It keeps no text, so whoever removes a row must give the very words
/// it was added with. Not thread-safe.
class SearchIndex {
 public:
  struct Sql {
    const char* add;
    const char* remove;
  };
  static constexpr Sql kContacts = {
      "INSERT INTO contacts_search (rowid, words) VALUES (?1, ?2)",
      "INSERT INTO contacts_search (contacts_search, rowid, words) VALUES ('delete', ?1, ?2)"};
  static constexpr Sql kJobs = {"INSERT INTO jobs_search (rowid, words) VALUES (?1, ?2)",
                                "INSERT INTO jobs_search (jobs_search, rowid, words) VALUES ('delete', ?1, ?2)"};

  SearchIndex(sqlite3* db, Sql sql) : db_(db), add_(sql.add), remove_(sql.remove) {}

  void Add(std::int64_t row_id, const std::string& words) { Change(add_, row_id, words); }
  void Remove(std::int64_t row_id, const std::string& words) { Change(remove_, row_id, words); }
  void Replace(std::int64_t row_id, const std::string& old_words, const std::string& new_words) {
    if (old_words == new_words) return;
    Change(remove_, row_id, old_words);
    Change(add_, row_id, new_words);
  }

 private:
  void Change(LazyStatement& statement, std::int64_t row_id, const std::string& words) {
    const Run run(statement.On(db_));
    run->Bind(1, row_id);
    run->Bind(2, std::string_view(words));
    run.Execute();
  }

  sqlite3* db_;
  LazyStatement add_;
  LazyStatement remove_;
};

}  // namespace portal::store
