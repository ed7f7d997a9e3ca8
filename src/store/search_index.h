#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "store/column_values.h"
#include "store/notes.h"
#include "store/statement.h"

namespace portal::store {

/// The rows of one FTS5 search table. It keeps no text, so whoever removes a row must give the very words
/// it was added with. Not thread-safe.
class SearchIndex {
 public:
  struct Sql {
    const char* add;
    const char* remove;
    std::string_view stale_since;
  };
  static constexpr Sql kContacts = {
      "INSERT INTO contacts_search (rowid, words) VALUES (?1, ?2)",
      "INSERT INTO contacts_search (contacts_search, rowid, words) VALUES ('delete', ?1, ?2)",
      kContactsSearchStaleSince};
  static constexpr Sql kJobs = {"INSERT INTO jobs_search (rowid, words) VALUES (?1, ?2)",
                                "INSERT INTO jobs_search (jobs_search, rowid, words) VALUES ('delete', ?1, ?2)",
                                kJobsSearchStaleSince};

  SearchIndex(sqlite3* db, Sql sql, const base::Clock& clock)
      : db_(db), clock_(clock), stale_since_(sql.stale_since), add_(sql.add), remove_(sql.remove), note_(kNoteStale) {}

  void Add(std::int64_t row_id, const std::string& words) { Change(add_, row_id, words); }
  /// Of a row that is deleted: also notes since when the table holds words that the purge must get rid of.
  void Remove(std::int64_t row_id, const std::string& words) {
    Change(remove_, row_id, words);
    const std::string now = std::to_string(ToMs(clock_.Wall()));
    const Run run(note_.On(db_));
    run->Bind(1, stale_since_);
    run->Bind(2, std::string_view(now));
    run.Execute();
  }
  void Replace(std::int64_t row_id, const std::string& old_words, const std::string& new_words) {
    if (old_words == new_words) return;
    Change(remove_, row_id, old_words);
    Change(add_, row_id, new_words);
  }

 private:
  static constexpr const char* kNoteStale = "INSERT INTO meta (name, value) VALUES (?1, ?2) ON CONFLICT DO NOTHING";

  void Change(LazyStatement& statement, std::int64_t row_id, const std::string& words) {
    const Run run(statement.On(db_));
    run->Bind(1, row_id);
    run->Bind(2, std::string_view(words));
    run.Execute();
  }

  sqlite3* db_;
  const base::Clock& clock_;
  const std::string_view stale_since_;
  LazyStatement add_;
  LazyStatement remove_;
  LazyStatement note_;
};

}  // namespace portal::store
