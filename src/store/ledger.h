#pragma once

#include <cstdint>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "store/statement.h"

namespace portal::store {

/// What a transaction changed, by tenant: counters and revision are then written once each, at the commit,
/// instead of once a row. Not thread-safe.
class Ledger {
 public:
  explicit Ledger(sqlite3* db);

  /// Something that clients can read has changed.
  void Touch(const base::TenantId& tenant) { Entry(tenant).revisions = 1; }
  void AddContact(const base::TenantId& tenant) { ++Touched(tenant).contacts; }
  void RemoveContact(const base::TenantId& tenant) { --Touched(tenant).contacts; }
  void AddJob(const base::TenantId& tenant) { ++Touched(tenant).jobs; }
  void RemoveJob(const base::TenantId& tenant) { --Touched(tenant).jobs; }
  /// Moves no revision: clients do not see who holds which bytes.
  void AddBlobBytes(const base::TenantId& tenant, std::int64_t bytes) { Entry(tenant).blob_bytes += bytes; }
  /// What this transaction has added so far and the tenant's row does not show yet.
  std::int64_t BlobBytes(const base::TenantId& tenant) const;
  /// A deleted tenant has nothing left to count.
  void Forget(const base::TenantId& tenant);

  /// Writes all changes to the tenants' rows and forgets them. kNotFound: a tenant whose rows were changed is
  /// deleted; the transaction must then be rolled back. Throws SQLite::Exception.
  base::Status Settle();
  /// After a rollback.
  void Discard() { changes_.clear(); }

 private:
  struct Change {
    base::TenantId tenant;
    std::int64_t revisions = 0;
    std::int64_t contacts = 0;
    std::int64_t jobs = 0;
    std::int64_t blob_bytes = 0;
  };
  Change& Entry(const base::TenantId& tenant);
  Change& Touched(const base::TenantId& tenant) {
    Change& change = Entry(tenant);
    change.revisions = 1;
    return change;
  }

  sqlite3* db_;
  std::vector<Change> changes_;  // of the few tenants of one transaction
  LazyStatement settle_;
};

}  // namespace portal::store
