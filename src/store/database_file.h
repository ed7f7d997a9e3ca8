#pragma once

#include <SQLiteCpp/Database.h>

#include <filesystem>

#include "store/database.h"
#include "store/migrator.h"

namespace portal::store {

/// The database's file in its data folder: found, or made, and brought to the newest schema.
class DatabaseFile {
 public:
  DatabaseFile(const std::filesystem::path& folder, Durability durability, const Migrator& migrator);

  const std::filesystem::path& path() const { return path_; }
  const std::filesystem::path& wal_path() const { return wal_path_; }

  /// Is there anything by the database's name?
  bool IsPresent() const;
  /// Makes a new database under another name and renames it when it is whole: a crash leaves none, not a
  /// half one. REQUIRES: the write lock is held. kUnavailable; throws SQLite::Exception and
  /// std::filesystem::filesystem_error.
  base::Status Create() const;
  /// Opens it for writing, checked and upgraded. REQUIRES: as Create.
  base::Result<SQLite::Database> Open() const;

 private:
  base::Status CheckKind() const;

  const std::filesystem::path path_;
  const std::filesystem::path wal_path_;
  const Durability durability_;
  const Migrator& migrator_;
};

}  // namespace portal::store
