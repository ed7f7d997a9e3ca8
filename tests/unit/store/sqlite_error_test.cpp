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
    bool fault;  // of the database: what its circuit breaker counts
  } cases[] = {
      {SQLITE_FULL, ErrorCode::kStorageFull, "no space", true},
      {SQLITE_INTERRUPT, ErrorCode::kOverBudget, "too long", false},
      {SQLITE_BUSY, ErrorCode::kUnavailable, "locked", false},
      {SQLITE_LOCKED, ErrorCode::kUnavailable, "locked", false},
      {SQLITE_NOTADB, ErrorCode::kUnavailable, "not a database", true},
      {SQLITE_CORRUPT, ErrorCode::kUnavailable, "restore a backup", true},
      {SQLITE_CANTOPEN, ErrorCode::kUnavailable, "cannot be opened", true},
      {SQLITE_READONLY, ErrorCode::kUnavailable, "cannot be written", false},
      {SQLITE_PERM, ErrorCode::kUnavailable, "cannot be written", false},
      {SQLITE_IOERR, ErrorCode::kUnavailable, "check the disk", true},
      {SQLITE_ERROR, ErrorCode::kUnavailable, "not available", false},
  };
  for (const auto& row : cases) {
    const base::Error error = ToError(SQLite::Exception("SELECT secret FROM /a/path", row.code), nullptr);
    EXPECT_EQ(error.code, row.expected) << row.code;
    EXPECT_NE(error.detail.find(row.part), std::string::npos) << error.detail;
    EXPECT_EQ(error.detail.find("secret"), std::string::npos) << error.detail;
    EXPECT_NE(error.internal.find("SELECT secret"), std::string::npos) << error.internal;
    EXPECT_EQ(!error.fault.empty(), row.fault) << row.code;
    EXPECT_EQ(error.fault.find("secret"), std::string::npos) << error.fault;
  }
}

TEST(SqliteErrors, NameTheFault) {
  EXPECT_EQ(ToError(SQLite::Exception("x", SQLITE_IOERR), nullptr).fault, "disk I/O error (SQLite 10)");
  EXPECT_EQ(ToError(SQLite::Exception("x", SQLITE_CORRUPT), nullptr).fault,
            "database disk image is malformed (SQLite 11)");
}

}  // namespace
}  // namespace portal::store::testing
