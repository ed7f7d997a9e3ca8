#pragma once

#include <SQLiteCpp/Database.h>

#include <filesystem>
#include <span>

#include "base/resource.h"
#include "base/result.h"

namespace portal::store {

/// Brings a database's schema to the newest version: the numbered files of `migrations/`, each in one
/// transaction that also sets `PRAGMA user_version` to its number. REQUIRES: the write lock is held.
class Migrator {
 public:
  /// `migrations` are named `NNNN_name.sql`, counting from 0001 without a gap.
  explicit Migrator(std::span<const base::Resource> migrations) : migrations_(migrations) {}

  /// kUnavailable: the file belongs to another program, or a newer version wrote it. Throws
  /// SQLite::Exception where it cannot be read.
  base::Status CheckReadable(SQLite::Database& db) const;

  /// Marks the new, empty database as the portal's and applies all migrations.
  base::Status Initialise(SQLite::Database& db) const;

  /// Applies what is missing, after a backup of the whole database beside it (`portal.db.before-0002`, 0600).
  /// REQUIRES: CheckReadable succeeded.
  base::Status Upgrade(SQLite::Database& db, const std::filesystem::path& file) const;
  /// The same without that backup: for a database that is a copy itself.
  base::Status UpgradeCopy(SQLite::Database& db) const;
  /// Gives an empty database the schema of that version, to compare others with. REQUIRES: version <= the newest.
  base::Status MakeSchema(SQLite::Database& db, int version) const;

 private:
  int newest() const { return static_cast<int>(migrations_.size()); }
  /// Applies what comes after `version`, up to `last`.
  base::Status ApplyFrom(SQLite::Database& db, int version, int last) const;

  std::span<const base::Resource> migrations_;
};

}  // namespace portal::store
