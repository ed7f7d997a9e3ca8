#pragma once

#include "store/blob_writer.h"
#include "store/ledger.h"
#include "store/statement.h"
#include "store/writer.h"

namespace portal::store {

/// Writes the file rows of jobs within the connection's open transaction. Throws SQLite::Exception.
/// Not thread-safe.
class FileWriter {
 public:
  FileWriter(sqlite3* db, Ledger& ledger, BlobWriter& blobs);

  base::Result<UpsertOutcome> Put(const base::TenantId& tenant, const model::File& file);
  base::Result<UpsertOutcome> Upsert(const base::TenantId& tenant, const model::File& file, GivenTimes given);
  std::optional<model::File> Find(const base::TenantId& tenant, const base::JobId& job, const base::FileId& id);
  base::Status Delete(const base::TenantId& tenant, const base::JobId& job, const base::FileId& id);
  void DeleteAllOf(const base::TenantId& tenant, const base::JobId& job);

 private:
  struct Row {
    std::int64_t row_id = 0;
    model::File file;
  };
  static base::Status Check(const model::File& file);
  std::optional<Row> FindByName(const base::TenantId& tenant, const model::File& file);
  std::optional<Row> FindById(const base::TenantId& tenant, const base::JobId& job, const base::FileId& id);
  base::Result<UpsertOutcome> Insert(const base::TenantId& tenant, const model::File& file);
  /// `file.id` is kept from `old`.
  base::Result<UpsertOutcome> Replace(const base::TenantId& tenant, const Row& old, const model::File& file);
  void Remove(const base::TenantId& tenant, const Row& row);
  /// False: there is no such job.
  bool CountInJob(const base::TenantId& tenant, const base::JobId& job, std::int64_t more);

  sqlite3* db_;
  Ledger& ledger_;
  BlobWriter& blobs_;
  LazyStatement count_in_job_;
  LazyStatement insert_;
  LazyStatement find_by_name_;
  LazyStatement find_by_id_;
  LazyStatement first_of_job_;
  LazyStatement update_;
  LazyStatement delete_;
};

}  // namespace portal::store
