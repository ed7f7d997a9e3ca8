#include "store/ledger.h"

namespace portal::store {
namespace {

constexpr const char* kSettle =
    "UPDATE tenants SET revision = revision + 1, contacts_total = contacts_total + ?2, jobs_total = jobs_total + ?3, "
    "blob_bytes = blob_bytes + ?4 "
    "WHERE tenant_id = ?1";

}  // namespace

Ledger::Ledger(sqlite3* db) : db_(db), settle_(kSettle) {}

void Ledger::Settle() {
  for (const Change& change : changes_) {
    const Run run(settle_.On(db_));
    run->Bind(1, change.tenant.value());
    run->Bind(2, change.contacts);
    run->Bind(3, change.jobs);
    run->Bind(4, change.blob_bytes);
    run.Execute();
  }
  changes_.clear();
}

Ledger::Change& Ledger::Entry(const base::TenantId& tenant) {
  for (Change& change : changes_) {
    if (change.tenant == tenant) return change;
  }
  return changes_.emplace_back(Change{.tenant = tenant});
}

}  // namespace portal::store
