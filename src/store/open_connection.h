#pragma once

#include <SQLiteCpp/Database.h>

#include <filesystem>

#include "store/database.h"

namespace portal::store {

/// Foreign programs that lock the file are not supported, but a short touch of one should not fail a read.
inline constexpr int kBusyTimeoutMs = 5'000;

enum class Access { kRead, kWrite };

/// Switches SQLite's memory statistics off, which would take one global mutex for every allocation of every
/// connection. Call before anything else is done with SQLite; later it has no effect. Thread-safe.
void ConfigureSqlite();

/// Opens an existing database file and sets it up as every connection of the portal must be: see
/// design.md, "The store". REQUIRES: the write lock is held. Throws SQLite::Exception.
SQLite::Database OpenConnection(const std::filesystem::path& file, Access access, Durability durability);

/// How many bytes of pages it keeps of those it has read: taken as they are read, and never more than the file has.
void SetPageCache(SQLite::Database& db, std::size_t bytes);

}  // namespace portal::store
