#include "store/ledger.h"

#include <utility>

namespace portal::store {
namespace {

constexpr const char* kSettle =
    "UPDATE tenants SET revision = revision + ?2, contacts_total = contacts_total + ?3, jobs_total = jobs_total + ?4, "
    "blob_bytes = blob_bytes + ?5 WHERE tenant_id = ?1 AND deleted_at IS NULL RETURNING tenant_id";

}  // namespace

Ledger::Ledger(sqlite3* db) : db_(db), settle_(kSettle) {}

std::int64_t Ledger::BlobBytes(const base::TenantId& tenant) const {
  for (const Change& change : changes_) {
    if (change.tenant == tenant) return change.blob_bytes;
  }
  return 0;
}

void Ledger::Forget(const base::TenantId& tenant) {
  std::erase_if(changes_, [&](const Change& change) { return change.tenant == tenant; });
}

base::Status Ledger::Settle() {
  for (const Change& change : std::exchange(changes_, {})) {
    const Run run(settle_.On(db_));
    run->Bind(1, change.tenant.value());
    run->Bind(2, change.revisions);
    run->Bind(3, change.contacts);
    run->Bind(4, change.jobs);
    run->Bind(5, change.blob_bytes);
    if (!run->Step()) return base::Fail(base::ErrorCode::kNotFound, "Tenant not found");
  }
  return {};
}

Ledger::Change& Ledger::Entry(const base::TenantId& tenant) {
  for (Change& change : changes_) {
    if (change.tenant == tenant) return change;
  }
  return changes_.emplace_back(Change{.tenant = tenant});
}

}  // namespace portal::store
