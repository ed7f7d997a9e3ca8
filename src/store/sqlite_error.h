#pragma once

#include <SQLiteCpp/Exception.h>

#include <string>
#include <type_traits>

#include "base/result.h"

namespace portal::store {

/// What an SQLite failure means to a caller: kStorageFull, kOverBudget (interrupted by the progress
/// handler), else kUnavailable with a detail that says what to do. SQLite's own words go to `internal`.
base::Error ToError(const SQLite::Exception& exception);

/// Runs `work`, which returns a base::Result, and turns an SQLite::Exception into its error: the border
/// that no SQLite::Exception crosses.
template <typename Work>
std::invoke_result_t<Work> CatchSqlite(Work&& work) {
  try {
    return work();
  } catch (const SQLite::Exception& exception) {
    return base::Fail(ToError(exception));
  }
}

}  // namespace portal::store
