#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/ids.h"

struct sqlite3;

namespace portal::store {

/// How many things are counted of a tenant; each can be held against its rows without the others.
std::size_t CounterCount();
/// Says so where a part of that one is wrong; what the schema has not is not. `part` is empty at first, and then what
/// this call made of it: each part may be looked at in a snapshot of its own. nullopt: that was the last.
/// Throws SQLite::Exception.
std::optional<std::string> FindMiscount(sqlite3* db, int schema_version, std::size_t counter,
                                        const base::TenantId& tenant, const std::string& slug,
                                        std::optional<std::string>& part);
/// Counts it all anew. REQUIRES: a write transaction is open. Throws SQLite::Exception.
void Recount(sqlite3* db, int schema_version, const base::TenantId& tenant, base::WallTime now);

}  // namespace portal::store
