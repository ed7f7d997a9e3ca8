#pragma once

#include <SQLiteCpp/Database.h>

#include <cstdint>
#include <type_traits>

#include "base/clock.h"
#include "base/result.h"
#include "store/search_words.h"
#include "store/sqlite_error.h"
#include "store/statement.h"

namespace portal::store {

/// One worker's read-only connection: its snapshot, its time budget. Not thread-safe.
class ReadConnection {
 public:
  ReadConnection(SQLite::Database db, const base::Clock& clock);
  ReadConnection(const ReadConnection&) = delete;
  ReadConnection& operator=(const ReadConnection&) = delete;

  sqlite3* handle() { return db_.getHandle(); }
  SearchWords& words() { return words_; }

  void Begin(bool bounded);
  void End() noexcept;
  /// Must the current read keep to the budget of an event loop?
  bool bounded() const { return bounded_; }
  std::uint32_t DataVersion();

  /// Runs `work` and turns SQLite's exceptions into errors: kOverBudget where the budget of a bounded
  /// snapshot ended it, kUnavailable where an unbounded one lived too long.
  template <typename Work>
  std::invoke_result_t<Work> Catch(Work&& work) {
    auto result = CatchSqlite(handle(), std::forward<Work>(work));
    if (!result && result.error().code == base::ErrorCode::kOverBudget && !bounded_) {
      result.error().code = base::ErrorCode::kUnavailable;
    }
    return result;
  }

 private:
  static int OutOfTime(void* self);

  SQLite::Database db_;
  const base::Clock& clock_;
  bool reading_ = false;
  bool bounded_ = false;
  base::MonotonicTime deadline_;
  SearchWords words_;
  LazyStatement begin_;
  LazyStatement commit_;
  LazyStatement data_version_;
};

}  // namespace portal::store
