#include "store/migrator.h"

#include <SQLiteCpp/Backup.h>
#include <SQLiteCpp/Statement.h>
#include <SQLiteCpp/Transaction.h>
#include <sqlite3.h>

#include <cstdio>
#include <string>

#include "base/durable.h"
#include "store/private_file.h"
#include "store/sqlite_error.h"

namespace portal::store {
namespace {

// "Prtl": how `file` and other programs recognise the portal's databases.
constexpr int kApplicationId = 0x5072746c;

int ReadNumber(SQLite::Database& db, const char* pragma) { return db.execAndGet(pragma).getInt(); }

std::string FourDigits(int number) {
  char text[16];
  std::snprintf(text, sizeof text, "%04d", number);
  return text;
}

void CopyAll(SQLite::Database& db, const std::filesystem::path& target) {
  SQLite::Database copy(target.string(), SQLite::OPEN_READWRITE);
  SQLite::Backup backup(copy, db);
  // A lock in the way is a result, not an exception, and leaves the copy short.
  if (const int code = backup.executeStep(-1); code != SQLITE_DONE) {
    throw SQLite::Exception("the backup before the upgrade is not complete", code);
  }
}

void BackUp(SQLite::Database& db, const std::filesystem::path& target) {
  std::filesystem::path unfinished = target;
  unfinished += ".new";
  std::filesystem::remove(unfinished);
  CreatePrivateFile(unfinished);
  try {
    CopyAll(db, unfinished);
  } catch (const SQLite::Exception&) {
    std::filesystem::remove(unfinished);
    throw;
  }
  std::filesystem::rename(unfinished, target);
}

}  // namespace

base::Status Migrator::CheckReadable(SQLite::Database& db) const {
  const int application = ReadNumber(db, "PRAGMA application_id");
  if (application != kApplicationId) {
    return base::Fail(base::ErrorCode::kUnavailable,
                      "portal.db is a database of another program; choose another data folder",
                      "application_id " + std::to_string(application));
  }
  const int version = ReadNumber(db, "PRAGMA user_version");
  if (version > newest()) {
    return base::Fail(base::ErrorCode::kUnavailable, "The database has schema version " + std::to_string(version) +
                                                         ", this program knows " + std::to_string(newest()) +
                                                         ": it was written by a newer release; upgrade the program");
  }
  return {};
}

base::Status Migrator::Initialise(SQLite::Database& db) const {
  db.exec("PRAGMA application_id = " + std::to_string(kApplicationId));
  return ApplyFrom(db, 0, newest());
}

base::Status Migrator::Upgrade(SQLite::Database& db, const std::filesystem::path& file) const {
  const int version = ReadNumber(db, "PRAGMA user_version");
  if (version == newest()) return {};
  std::filesystem::path backup = file;
  backup += ".before-" + FourDigits(version + 1);
  BackUp(db, backup);
  if (!base::SyncFolder(file.parent_path())) {
    return base::Fail(base::ErrorCode::kUnavailable, "The backup before the upgrade cannot be made safe",
                      "sync " + file.parent_path().string());
  }
  return ApplyFrom(db, version, newest());
}

base::Status Migrator::UpgradeCopy(SQLite::Database& db) const {
  return ApplyFrom(db, ReadNumber(db, "PRAGMA user_version"), newest());
}

base::Status Migrator::MakeSchema(SQLite::Database& db, int version) const { return ApplyFrom(db, 0, version); }

base::Status Migrator::ApplyFrom(SQLite::Database& db, int version, int last) const {
  for (int next = version + 1; next <= last; ++next) {
    const base::Resource& migration = migrations_[static_cast<std::size_t>(next - 1)];
    SQLite::Transaction transaction(db, SQLite::TransactionBehavior::IMMEDIATE);
    db.exec(std::string(migration.content));
    db.exec("PRAGMA user_version = " + std::to_string(next));
    SQLite::Statement broken(db, "PRAGMA foreign_key_check");
    if (broken.executeStep()) {
      return base::Fail(base::ErrorCode::kUnavailable, "The database cannot be upgraded; restore a backup",
                        std::string(migration.name) + " leaves broken foreign keys");
    }
    broken.reset();
    transaction.commit();
  }
  return {};
}

}  // namespace portal::store
