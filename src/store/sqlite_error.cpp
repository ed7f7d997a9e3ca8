#include "store/sqlite_error.h"

#include <sqlite3.h>

#include <cerrno>

#include "base/durable.h"

namespace portal::store {
namespace {

/// Was it for want of space that the kernel refused? SQLite takes only ENOSPC of a write for SQLITE_FULL; and what
/// ended a commit's writes or its sync is known to the write-ahead log's file alone.
bool IsAboutSpace(const SQLite::Exception& exception, sqlite3* db) {
  if (!db) return false;
  if (base::IsOutOfSpace(sqlite3_system_errno(db))) return true;
  sqlite3_file* log = nullptr;
  int error = 0;
  const int code = exception.getExtendedErrorCode();
  return (code == SQLITE_IOERR_FSYNC || code == SQLITE_IOERR_WRITE) &&
         sqlite3_file_control(db, nullptr, SQLITE_FCNTL_JOURNAL_POINTER, &log) == SQLITE_OK && log && log->pMethods &&
         log->pMethods->xFileControl(log, SQLITE_FCNTL_LAST_ERRNO, &error) == SQLITE_OK && base::IsOutOfSpace(error);
}

/// The process has no more memory or descriptors, which clients can bring about.
bool IsAboutTheProcess(const SQLite::Exception& exception, sqlite3* db) {
  if (exception.getExtendedErrorCode() == SQLITE_IOERR_NOMEM) return true;
  const int error = db ? sqlite3_system_errno(db) : 0;
  return exception.getErrorCode() == SQLITE_CANTOPEN && (error == EMFILE || error == ENFILE || error == ENOMEM);
}

std::string FaultOf(const SQLite::Exception& exception, sqlite3* db) {
  switch (exception.getErrorCode()) {
    case SQLITE_FULL:
    case SQLITE_NOTADB:
    case SQLITE_CORRUPT:
    case SQLITE_CANTOPEN:
    case SQLITE_IOERR:
      break;
    default:
      return {};
  }
  if (IsAboutTheProcess(exception, db)) return {};
  const int extended = exception.getExtendedErrorCode();
  const int code = extended > 0 ? extended : exception.getErrorCode();
  return sqlite3_errstr(code) + (" (SQLite " + std::to_string(code) + ")");
}

}  // namespace

base::Error ToError(const SQLite::Exception& exception, sqlite3* db) {
  using base::ErrorCode;
  std::string internal =
      std::string("SQLite ") + std::to_string(exception.getExtendedErrorCode()) + ": " + exception.what();
  const auto error = [&](ErrorCode code, const char* detail) {
    return base::Error{code, detail, std::move(internal), {}, FaultOf(exception, db)};
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
      if (IsAboutSpace(exception, db)) {
        return error(ErrorCode::kStorageFull, "There is no space left for the database");
      }
      return error(ErrorCode::kUnavailable, "The database cannot be read or written; check the disk");
    default:
      return error(ErrorCode::kUnavailable, "The database is not available");
  }
}

}  // namespace portal::store
