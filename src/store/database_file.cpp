#include "store/database_file.h"

#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

#include "base/durable.h"
#include "store/open_connection.h"
#include "store/private_file.h"

namespace portal::store {
namespace {

std::filesystem::path WithSuffix(std::filesystem::path path, const char* suffix) {
  path += suffix;
  return path;
}

}  // namespace

DatabaseFile::DatabaseFile(const std::filesystem::path& folder, Durability durability, const Migrator& migrator)
    : path_(folder / "portal.db"), wal_path_(WithSuffix(path_, "-wal")), durability_(durability), migrator_(migrator) {}

bool DatabaseFile::IsPresent() const { return std::filesystem::exists(std::filesystem::symlink_status(path_)); }

base::Status DatabaseFile::Create() const {
  if (std::filesystem::exists(wal_path_)) {
    // SQLite would replay it into whatever database takes this name.
    return base::Fail(base::ErrorCode::kUnavailable,
                      "portal.db is missing but its write-ahead log portal.db-wal is there; restore a backup, or "
                      "remove portal.db-wal to begin with an empty database");
  }
  const std::filesystem::path unfinished = WithSuffix(path_, ".new");
  std::filesystem::remove(unfinished);
  std::filesystem::remove(WithSuffix(unfinished, "-journal"));
  std::filesystem::remove(WithSuffix(unfinished, "-wal"));
  CreatePrivateFile(unfinished);
  {
    SQLite::Database db(unfinished.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_NOMUTEX);
    if (durability_ == Durability::kNone) db.exec("PRAGMA synchronous = OFF");
    if (base::Status done = migrator_.Initialise(db); !done) return done;
    db.exec("PRAGMA journal_mode = WAL");
  }
  std::filesystem::rename(unfinished, path_);
  if (durability_ == Durability::kFull && !base::SyncFolder(path_.parent_path())) {
    return base::Fail(base::ErrorCode::kUnavailable, "The new database cannot be made safe",
                      "sync " + path_.parent_path().string());
  }
  return {};
}

base::Result<SQLite::Database> DatabaseFile::Open() const {
  if (base::Status kind = CheckKind(); !kind) return base::Fail(std::move(kind.error()));
  SQLite::Database db = OpenConnection(path_, Access::kWrite, durability_);
  if (base::Status readable = migrator_.CheckReadable(db); !readable) return base::Fail(std::move(readable.error()));
  db.exec("PRAGMA journal_mode = WAL");  // only now: it would rewrite the header of another program's database
  if (base::Status upgraded = migrator_.Upgrade(db, path_); !upgraded) return base::Fail(std::move(upgraded.error()));
  // SQLite syncs the name of a new write-ahead log too, but takes no notice when that fails; and a log whose name is
  // lost is lost with all its commits.
  if (durability_ == Durability::kFull && !base::SyncFolder(path_.parent_path())) {
    return base::Fail(base::ErrorCode::kUnavailable, "The database's log cannot be made safe; check the disk",
                      "sync " + path_.parent_path().string() + ": " + std::strerror(errno));
  }
  return db;
}

base::Status DatabaseFile::CheckKind() const {
  using base::ErrorCode;
  const auto kind = std::filesystem::status(path_).type();
  if (kind == std::filesystem::file_type::directory) {
    return base::Fail(ErrorCode::kUnavailable, "portal.db is a folder; choose another data folder");
  }
  if (kind != std::filesystem::file_type::regular) {
    return base::Fail(ErrorCode::kUnavailable, "portal.db is not a regular file; choose another data folder");
  }
  if (std::filesystem::file_size(path_) == 0) {
    return base::Fail(ErrorCode::kUnavailable,
                      "portal.db is empty, so it is not a database; restore a backup, or remove it to begin with an "
                      "empty database");
  }
  return {};
}

}  // namespace portal::store
