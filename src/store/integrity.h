#pragma once

#include <cstdint>
#include <string>
#include <vector>

struct sqlite3;

namespace portal::store {

/// What is wrong, a sentence each; empty: nothing.
using Complaints = std::vector<std::string>;

// All of these only read, throw SQLite::Exception where they cannot, and need a connection that nobody else uses.

/// Is every table, index and view there as the migrations up to `version` make it, and nothing else?
Complaints CheckSchema(sqlite3* db, int version);
/// SQLite's integrity_check of everything, at most 100 complaints.
Complaints CheckStructure(sqlite3* db);
/// The same of one table with its indexes. `table` is one of TablesToCheck.
Complaints CheckStructure(sqlite3* db, const std::string& table);
/// Tables that can be checked by themselves: all but virtual ones.
std::vector<std::string> TablesToCheck(sqlite3* db);
/// Rows that name others that are not there; `table` empty: in all tables. At most 100 complaints.
Complaints CheckReferences(sqlite3* db, const std::string& table = {});

}  // namespace portal::store
