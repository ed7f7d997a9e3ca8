#include "store/sqlite_error.h"

#include <gtest/gtest.h>
#include <sqlite3.h>

namespace portal::store::testing {
namespace {

TEST(SqliteErrors, SayWhatToDoAndKeepSqliteOutOfTheDetail) {
  using base::ErrorCode;
  const struct {
    int code;
    ErrorCode expected;
    const char* part;
  } cases[] = {
      {SQLITE_FULL, ErrorCode::kStorageFull, "no space"},
      {SQLITE_INTERRUPT, ErrorCode::kOverBudget, "too long"},
      {SQLITE_BUSY, ErrorCode::kUnavailable, "locked"},
      {SQLITE_LOCKED, ErrorCode::kUnavailable, "locked"},
      {SQLITE_NOTADB, ErrorCode::kUnavailable, "not a database"},
      {SQLITE_CORRUPT, ErrorCode::kUnavailable, "restore a backup"},
      {SQLITE_CANTOPEN, ErrorCode::kUnavailable, "cannot be opened"},
      {SQLITE_READONLY, ErrorCode::kUnavailable, "cannot be written"},
      {SQLITE_PERM, ErrorCode::kUnavailable, "cannot be written"},
      {SQLITE_IOERR, ErrorCode::kUnavailable, "check the disk"},
      {SQLITE_ERROR, ErrorCode::kUnavailable, "not available"},
  };
  for (const auto& row : cases) {
    const base::Error error = ToError(SQLite::Exception("SELECT secret FROM /a/path", row.code), nullptr);
    EXPECT_EQ(error.code, row.expected) << row.code;
    EXPECT_NE(error.detail.find(row.part), std::string::npos) << error.detail;
    EXPECT_EQ(error.detail.find("secret"), std::string::npos) << error.detail;
    EXPECT_NE(error.internal.find("SELECT secret"), std::string::npos) << error.internal;
  }
}

}  // namespace
}  // namespace portal::store::testing
