#pragma once

#include <array>
#include <chrono>
#include <cstdint>

#include "base/clock.h"
#include "base/function_ref.h"
#include "base/result.h"
#include "store/database.h"
#include "store/purge.h"

namespace portal::service {

/// Keeps searches as fast in a store that has grown as in one that was made at once: a search looks into every segment
/// of its table, and changes leave up to some dozens of them. Merges all into one where that is worth the writing, in
/// short transactions, between which other writers have their turn; what ends it in the middle leaves a state from
/// which the next one goes on. Not thread-safe; several may run at once, in several processes.
class SearchTidy {
 public:
  /// All is borrowed.
  SearchTidy(store::Database& database, const base::Clock& clock) : database_(database), clock_(clock) {}

  /// Called after every step with how long it took; false ends the work early.
  using Between = base::FunctionRef<bool(std::chrono::nanoseconds)>;

  /// Merges what is worth it, unless something was written to the table since the last call: then somebody is feeding,
  /// and the next call looks again. Cheap where there is nothing to do. kStorageFull, kUnavailable.
  base::Status Run(Between between);

 private:
  base::Result<bool> IsDue(store::SearchTable table);
  base::Result<bool> Merge(store::SearchTable table, Between between);

  store::Database& database_;
  const base::Clock& clock_;
  std::array<std::int64_t, 2> pages_written_{-1, -1};  // when they were last looked at
};

}  // namespace portal::service
