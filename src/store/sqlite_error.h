#pragma once

#include <SQLiteCpp/Exception.h>

#include <string>
#include <type_traits>

#include "base/result.h"

struct sqlite3;

namespace portal::store {

/// What an SQLite failure means to a caller: kStorageFull (also past a quota or a file size limit),
/// kOverBudget (interrupted by the progress handler), else kUnavailable with a detail that says what to do.
/// SQLite's own words go to `internal`. I/O errors, damage, a file that cannot be opened and want of space are faults
/// (`Error::fault`); want of memory or descriptors is not the database's. `db` is the connection that failed, if there
/// is one.
base::Error ToError(const SQLite::Exception& exception, sqlite3* db);

/// Runs `work`, which returns a base::Result, and turns an SQLite::Exception into its error: the border
/// that no SQLite::Exception crosses.
template <typename Work>
std::invoke_result_t<Work> CatchSqlite(sqlite3* db, Work&& work) {
  try {
    return work();
  } catch (const SQLite::Exception& exception) {
    return base::Fail(ToError(exception, db));
  }
}

}  // namespace portal::store
