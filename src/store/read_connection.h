#pragma once

#include <SQLiteCpp/Database.h>

#include <cstdint>
#include <optional>
#include <type_traits>

#include "base/clock.h"
#include "base/result.h"
#include "resilience/guard.h"
#include "store/injected_fault.h"
#include "store/search_words.h"
#include "store/sqlite_error.h"
#include "store/statement.h"

namespace portal::store {

/// One worker's read-only connection: its snapshot, its time budget, the guard before it. Not thread-safe.
class ReadConnection {
 public:
  /// `faults`: borrowed; null but in test mode.
  ReadConnection(SQLite::Database db, const base::Clock& clock, resilience::Guard guard, const InjectedFaults* faults);
  ReadConnection(const ReadConnection&) = delete;
  ReadConnection& operator=(const ReadConnection&) = delete;

  sqlite3* handle() { return db_.getHandle(); }
  SearchWords& words() { return words_; }

  /// A snapshot is one call of the database, until End. kCircuitOpen, and as Catch.
  base::Status Begin(bool bounded);
  void End() noexcept;
  /// Must the current read keep to the budget of an event loop?
  bool bounded() const { return bounded_; }
  base::Result<std::uint32_t> DataVersion();

  /// Runs `work` and turns SQLite's exceptions into errors: kOverBudget where the budget of a bounded
  /// snapshot ended it, kUnavailable where an unbounded one lived too long. Without a snapshot: kCircuitOpen; such a
  /// read is a look-up beside the call that matters, as of a token before a write, and its success would hide that the
  /// other fails.
  template <typename Work>
  std::invoke_result_t<Work> Catch(Work&& work) {
    if (!reading_) {
      return guard().Watch([&] { return CatchTimed(work); });
    }
    auto result = CatchTimed(work);
    if (!result && resilience::VerdictOf(result.error()) != resilience::Verdict::kWorks) {
      call_->Settle(result.error());
    }
    return result;
  }

  /// Whether reads are let through whatever the guard says, and tell it nothing.
  void set_unguarded(bool unguarded) { unguarded_ = unguarded; }

 private:
  static int OutOfTime(void* self);

  template <typename Work>
  std::invoke_result_t<Work> CatchTimed(Work&& work) {
    auto result = CatchSqlite(handle(), [&]() -> std::invoke_result_t<Work> {
      ThrowInjectedForRead(faults_);
      return work();
    });
    if (!result && result.error().code == base::ErrorCode::kOverBudget && !bounded_) {
      result.error().code = base::ErrorCode::kUnavailable;
    }
    return result;
  }
  resilience::Guard guard() const { return unguarded_ ? resilience::Guard() : guard_; }

  SQLite::Database db_;
  const base::Clock& clock_;
  const resilience::Guard guard_;
  bool unguarded_ = false;
  std::optional<resilience::Guard::Call> call_;  // of the snapshot
  const InjectedFaults* const faults_;
  bool reading_ = false;
  bool bounded_ = false;
  base::MonotonicTime deadline_;
  SearchWords words_;
  LazyStatement begin_;
  LazyStatement commit_;
  LazyStatement data_version_;
};

}  // namespace portal::store
