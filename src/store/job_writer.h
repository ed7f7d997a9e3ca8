#pragma once

#include "base/clock.h"
#include "store/ledger.h"
#include "store/search_index.h"
#include "store/search_words.h"
#include "store/statement.h"
#include "store/uuid_bytes.h"
#include "store/writer.h"

namespace portal::store {

/// Writes jobs within the connection's open transaction. Throws SQLite::Exception. Not thread-safe.
class JobWriter {
 public:
  JobWriter(sqlite3* db, Ledger& ledger, SearchWords& words, const base::Clock& clock);

  base::Result<UpsertOutcome> Upsert(const base::TenantId& tenant, const model::Job& job, GivenTimes given);
  std::optional<model::Job> Find(const base::TenantId& tenant, const base::JobId& id);
  /// REQUIRES: the job has no files any more.
  base::Status Delete(const base::TenantId& tenant, const base::JobId& id);
  /// The jobs of that contact have none from now on, and count as updated.
  void ForgetContact(const base::TenantId& tenant, const base::ContactId& contact, base::WallTime now);

 private:
  bool Insert(const base::TenantId& tenant, const model::Job& job, const std::optional<UuidBytes>& contact);
  UpsertOutcome Update(const base::TenantId& tenant, const model::Job& job, const std::optional<UuidBytes>& contact,
                       GivenTimes given);

  sqlite3* db_;
  Ledger& ledger_;
  SearchWords& words_;
  SearchIndex search_;
  LazyStatement insert_;
  LazyStatement find_;
  LazyStatement update_;
  LazyStatement delete_;
  LazyStatement forget_contact_;
  std::string new_words_;  // kept between rows for their memory
  std::string old_words_;
};

}  // namespace portal::store
