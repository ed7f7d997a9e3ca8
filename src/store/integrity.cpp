#include "store/integrity.h"

#include <SQLiteCpp/Database.h>
#include <sqlite3.h>

#include <algorithm>
#include <map>

#include "embedded/migrations.h"
#include "store/migrator.h"
#include "store/statement.h"

namespace portal::store {
namespace {

constexpr const char* kSchema =
    "SELECT type || ' ' || name, ifnull(sql, '') FROM sqlite_schema WHERE name NOT LIKE 'sqlite_stat%'";
constexpr const char* kTables =
    "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' "
    "AND sql NOT LIKE 'CREATE VIRTUAL TABLE%' ORDER BY name";
constexpr std::size_t kMostComplaints = 100;

using Schema = std::map<std::string, std::string>;

Schema ReadSchema(sqlite3* db) {
  Schema schema;
  Statement rows(db, kSchema);
  while (rows.Step()) schema.emplace(rows.Text(0), rows.Text(1));
  return schema;
}

/// `name` as a text literal.
std::string Quoted(const std::string& name) {
  std::string text = "'";
  for (const char c : name) text.append(c == '\'' ? 2 : 1, c);
  return text + "'";
}

Complaints Structure(sqlite3* db, const std::string& argument) {
  Complaints complaints;
  Statement check(db, "PRAGMA integrity_check(" + argument + ")");
  while (check.Step()) {
    if (check.Text(0) != "ok") complaints.emplace_back(check.Text(0));
  }
  return complaints;
}

}  // namespace

Complaints CheckSchema(sqlite3* db, int version) {
  SQLite::Database reference(":memory:", SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
  const Migrator migrator(embedded::migrations());
  if (auto made = migrator.MakeSchema(reference, version); !made) return {made.error().detail};
  const Schema expected = ReadSchema(reference.getHandle());
  const Schema found = ReadSchema(db);
  Complaints complaints;
  for (const auto& [name, sql] : expected) {
    const auto at = found.find(name);
    if (at == found.end()) {
      complaints.push_back(name + " is missing");
    } else if (at->second != sql) {
      complaints.push_back(name + " is not as this program made it");
    }
  }
  for (const auto& [name, sql] : found) {
    if (!expected.contains(name)) complaints.push_back(name + " is not of the portal's");
  }
  return complaints;
}

Complaints CheckStructure(sqlite3* db) { return Structure(db, std::to_string(kMostComplaints)); }

Complaints CheckStructure(sqlite3* db, const std::string& table) { return Structure(db, Quoted(table)); }

std::vector<std::string> TablesToCheck(sqlite3* db) {
  std::vector<std::string> names;
  Statement tables(db, kTables);
  while (tables.Step()) names.emplace_back(tables.Text(0));
  return names;
}

Complaints CheckReferences(sqlite3* db, const std::string& table) {
  Complaints complaints;
  Statement check(db, "PRAGMA foreign_key_check" + (table.empty() ? "" : "(" + Quoted(table) + ")"));
  while (complaints.size() < kMostComplaints && check.Step()) {
    complaints.push_back("a row of " + std::string(check.Text(0)) + " names one of " + std::string(check.Text(2)) +
                         " that is not there");
  }
  return complaints;
}

}  // namespace portal::store
