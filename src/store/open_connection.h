#pragma once

#include <SQLiteCpp/Database.h>

#include <filesystem>

#include "store/database.h"

namespace portal::store {

/// Foreign programs that lock the file are not supported, but a short touch of one should not fail a read.
inline constexpr int kBusyTimeoutMs = 5'000;

enum class Access { kRead, kWrite };

/// Opens an existing database file and sets it up as every connection of the portal must be: see
/// design.md, "The store". REQUIRES: the write lock is held. Throws SQLite::Exception.
SQLite::Database OpenConnection(const std::filesystem::path& file, Access access, Durability durability);

}  // namespace portal::store
