#include "store/sqlite_error.h"

#include <sqlite3.h>

#include "base/durable.h"

namespace portal::store {

base::Error ToError(const SQLite::Exception& exception, sqlite3* db) {
  using base::ErrorCode;
  std::string internal =
      std::string("SQLite ") + std::to_string(exception.getExtendedErrorCode()) + ": " + exception.what();
  const auto error = [&](ErrorCode code, const char* detail) {
    return base::Error{code, detail, std::move(internal), {}};
  };
  switch (exception.getErrorCode()) {
    case SQLITE_FULL:
      return error(ErrorCode::kStorageFull, "There is no space left for the database");
    case SQLITE_INTERRUPT:
      return error(ErrorCode::kOverBudget, "The read took too long");
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return error(ErrorCode::kUnavailable, "The database is locked by another program");
    case SQLITE_NOTADB:
      return error(ErrorCode::kUnavailable, "The file is not a database; restore a backup");
    case SQLITE_CORRUPT:
      return error(ErrorCode::kUnavailable, "The database is damaged; restore a backup");
    case SQLITE_CANTOPEN:
      return error(ErrorCode::kUnavailable,
                   "The database cannot be opened; check that this user may read and write the data folder");
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
      return error(ErrorCode::kUnavailable,
                   "The database cannot be written; check that this user owns the files of the data folder");
    case SQLITE_IOERR:
      // SQLite takes only ENOSPC for SQLITE_FULL.
      if (db && base::IsOutOfSpace(sqlite3_system_errno(db))) {
        return error(ErrorCode::kStorageFull, "There is no space left for the database");
      }
      return error(ErrorCode::kUnavailable, "The database cannot be read or written; check the disk");
    default:
      return error(ErrorCode::kUnavailable, "The database is not available");
  }
}

}  // namespace portal::store
