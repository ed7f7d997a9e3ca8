#pragma once

#include "base/clock.h"
#include "store/ledger.h"
#include "store/search_index.h"
#include "store/search_words.h"
#include "store/statement.h"
#include "store/uuid_bytes.h"
#include "store/writer.h"

namespace portal::store {

/// Writes contacts within the connection's open transaction. Throws SQLite::Exception. Not thread-safe.
class ContactWriter {
 public:
  ContactWriter(sqlite3* db, Ledger& ledger, SearchWords& words, const base::Clock& clock);

  base::Result<UpsertOutcome> Upsert(const base::TenantId& tenant, const model::Contact& contact, GivenTimes given);
  std::optional<model::Contact> Find(const base::TenantId& tenant, const base::ContactId& id);
  /// REQUIRES: no job names the contact any more.
  base::Status Delete(const base::TenantId& tenant, const base::ContactId& id);

 private:
  bool Insert(const base::TenantId& tenant, const UuidBytes& id, const model::Contact& contact);
  UpsertOutcome Update(const base::TenantId& tenant, const UuidBytes& id, const model::Contact& contact,
                       GivenTimes given);

  sqlite3* db_;
  Ledger& ledger_;
  SearchWords& words_;
  SearchIndex search_;
  LazyStatement insert_;
  LazyStatement find_;
  LazyStatement update_;
  LazyStatement delete_;
  std::string new_words_;  // kept between rows for their memory
  std::string old_words_;
};

}  // namespace portal::store
