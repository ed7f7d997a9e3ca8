#pragma once

#include "store/ledger.h"
#include "store/statement.h"
#include "store/writer.h"

namespace portal::store {

/// Writes the file rows of jobs within the connection's open transaction. Throws SQLite::Exception.
/// Not thread-safe.
class FileWriter {
 public:
  FileWriter(sqlite3* db, Ledger& ledger);

  base::Result<UpsertOutcome> Put(const base::TenantId& tenant, const model::File& file);

 private:
  /// nullopt: the job has no file of that name.
  std::optional<UpsertOutcome> Replace(const base::TenantId& tenant, const model::File& file);

  sqlite3* db_;
  Ledger& ledger_;
  LazyStatement count_in_job_;
  LazyStatement insert_;
  LazyStatement find_;
  LazyStatement update_;
};

}  // namespace portal::store
