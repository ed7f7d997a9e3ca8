#pragma once

#include <cstdint>
#include <vector>

#include "base/ids.h"
#include "store/statement.h"

namespace portal::store {

/// What a transaction changed, by tenant: counters and revision are then written once each, at the commit,
/// instead of once a row. Not thread-safe.
class Ledger {
 public:
  explicit Ledger(sqlite3* db);

  void Touch(const base::TenantId& tenant) { Entry(tenant); }
  void AddContact(const base::TenantId& tenant) { ++Entry(tenant).contacts; }
  void RemoveContact(const base::TenantId& tenant) { --Entry(tenant).contacts; }
  void AddJob(const base::TenantId& tenant) { ++Entry(tenant).jobs; }
  void RemoveJob(const base::TenantId& tenant) { --Entry(tenant).jobs; }
  void AddBlobBytes(const base::TenantId& tenant, std::int64_t bytes) { Entry(tenant).blob_bytes += bytes; }
  /// What this transaction has added so far and the tenant's row does not show yet.
  std::int64_t BlobBytes(const base::TenantId& tenant) { return Entry(tenant).blob_bytes; }

  /// Writes all changes to the tenants' rows and forgets them. Throws SQLite::Exception.
  void Settle();
  /// After a rollback.
  void Discard() { changes_.clear(); }

 private:
  struct Change {
    base::TenantId tenant;
    std::int64_t contacts = 0;
    std::int64_t jobs = 0;
    std::int64_t blob_bytes = 0;
  };
  Change& Entry(const base::TenantId& tenant);

  sqlite3* db_;
  std::vector<Change> changes_;  // of the few tenants of one transaction
  LazyStatement settle_;
};

}  // namespace portal::store
