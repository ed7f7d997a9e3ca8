#pragma once

#include <string>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"

struct sqlite3;

namespace portal::store {

/// What of one tenant is counted wrongly, a sentence each. Throws SQLite::Exception.
std::vector<std::string> MiscountsOf(sqlite3* db, int schema_version, const base::TenantId& tenant,
                                     const std::string& slug);
/// Counts it all anew. REQUIRES: a write transaction is open. Throws SQLite::Exception.
void Recount(sqlite3* db, int schema_version, const base::TenantId& tenant, base::WallTime now);

}  // namespace portal::store
