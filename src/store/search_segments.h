#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "store/purge.h"

struct sqlite3;

namespace portal::store {

/// What FTS5's record of a table's structure says of its segments, which each search of that table looks into.
/// nullopt: it is not of the form that is known here.
std::optional<SearchSegments> ParseSearchSegments(std::span<const unsigned char> record);

/// The same of a table of the connection's; no segments at all where they cannot be told. Throws SQLite::Exception.
SearchSegments ReadSearchSegments(sqlite3* db, SearchTable table);

}  // namespace portal::store
