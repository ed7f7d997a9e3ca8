#include "store/feed_batches.h"

#include <sqlite3.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "store/column_values.h"

namespace portal::store {
namespace {

constexpr const char* kFind =
    "SELECT request_hash, rows_hash, outcomes, complaints, created_at FROM feed_batches "
    "WHERE tenant_id = ?1 AND idempotency_key = ?2 AND batch = ?3";
constexpr const char* kKeep =
    "INSERT INTO feed_batches (tenant_id, idempotency_key, batch, request_hash, rows_hash, outcomes, complaints, "
    "created_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
// Every key has a batch 0.
constexpr const char* kOldKeys =
    "SELECT tenant_id, idempotency_key FROM feed_batches AS old INDEXED BY feed_batches_by_age "
    "WHERE created_at < ?1 AND batch = 0 AND NOT EXISTS (SELECT 1 FROM feed_batches AS newer WHERE newer.tenant_id = "
    "old.tenant_id AND newer.idempotency_key = old.idempotency_key AND newer.created_at >= ?1) LIMIT ?2";
constexpr const char* kForget = "DELETE FROM feed_batches WHERE tenant_id = ?1 AND idempotency_key = ?2";

void CopyHash(std::span<const unsigned char> blob, std::array<unsigned char, 32>& out) {
  std::copy_n(blob.begin(), std::min(blob.size(), out.size()), out.begin());
}

}  // namespace

FeedBatches::FeedBatches(sqlite3* db) : db_(db), find_(kFind), keep_(kKeep), old_keys_(kOldKeys), forget_(kForget) {}

std::optional<FeedBatch> FeedBatches::Find(const base::TenantId& tenant, std::string_view key, std::int64_t number) {
  const Run row(find_.On(db_));
  row->Bind(1, tenant.value());
  row->Bind(2, key);
  row->Bind(3, number);
  if (!row->Step()) return std::nullopt;
  FeedBatch batch;
  CopyHash(row->Blob(0), batch.request_hash);
  CopyHash(row->Blob(1), batch.rows_hash);
  batch.outcomes = row->Text(2);
  batch.complaints = row->Text(3);
  batch.created_at = ToTime(row->Int(4));
  return batch;
}

void FeedBatches::Keep(const base::TenantId& tenant, std::string_view key, std::int64_t number,
                       const FeedBatch& batch) {
  const Run run(keep_.On(db_));
  run->Bind(1, tenant.value());
  run->Bind(2, key);
  run->Bind(3, number);
  run->Bind(4, std::span<const unsigned char>(batch.request_hash));
  run->Bind(5, std::span<const unsigned char>(batch.rows_hash));
  run->Bind(6, std::string_view(batch.outcomes));
  run->Bind(7, std::string_view(batch.complaints));
  run->Bind(8, ToMs(batch.created_at));
  run.Execute();
}

std::int64_t FeedBatches::Forget(base::WallTime time, std::int64_t enough) {
  std::vector<std::pair<std::int64_t, std::string>> keys;
  {
    const Run row(old_keys_.On(db_));
    row->Bind(1, ToMs(time));
    row->Bind(2, enough);
    while (row->Step()) keys.emplace_back(row->Int(0), row->Text(1));
  }
  std::int64_t forgotten = 0;
  for (auto key = keys.begin(); key != keys.end() && forgotten < enough; ++key) {
    const Run run(forget_.On(db_));
    run->Bind(1, key->first);
    run->Bind(2, std::string_view(key->second));
    run.Execute();
    forgotten += sqlite3_changes64(db_);
  }
  return forgotten;
}

}  // namespace portal::store
