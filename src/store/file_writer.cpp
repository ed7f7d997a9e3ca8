#include "store/file_writer.h"

#include <sqlite3.h>

#include <algorithm>

#include "store/column_values.h"

namespace portal::store {
namespace {

constexpr const char* kCountInJob =
    "UPDATE jobs SET file_count = file_count + ?3 WHERE tenant_id = ?1 AND id = ?2 RETURNING file_count";
constexpr const char* kInsert =
    "INSERT INTO files (tenant_id, job_id, id, name, kind, content_type, size_bytes, sha256, created_at) "
    "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT (tenant_id, job_id, id) DO NOTHING";
constexpr const char* kFind =
    "SELECT row_id, kind, content_type, size_bytes, sha256 FROM files "
    "WHERE tenant_id = ?1 AND job_id = ?2 AND name = ?3 COLLATE BINARY";
constexpr const char* kUpdate =
    "UPDATE files SET kind = ?2, content_type = ?3, size_bytes = ?4, sha256 = ?5, created_at = ?6 WHERE row_id = ?1";

}  // namespace

FileWriter::FileWriter(sqlite3* db, Ledger& ledger)
    : db_(db), ledger_(ledger), count_in_job_(kCountInJob), insert_(kInsert), find_(kFind), update_(kUpdate) {}

base::Result<UpsertOutcome> FileWriter::Put(const base::TenantId& tenant, const model::File& file) {
  using base::ErrorCode;
  if (!model::IsFileId(file.id.value())) {
    return base::Fail(ErrorCode::kValidation,
                      "id: \"" + file.id.value() + "\" is not file_ and 1 to 60 letters, digits, - or _");
  }
  if (!model::IsFileName(file.name)) {
    return base::Fail(ErrorCode::kValidation,
                      "name: must be 1 to 255 bytes of UTF-8 without / and control characters, and not . or ..");
  }
  if (file.size_bytes < 0) return base::Fail(ErrorCode::kValidation, "size: must not be negative");

  if (const auto replaced = Replace(tenant, file)) return *replaced;
  {
    const Run job(count_in_job_.On(db_));
    job->Bind(1, tenant.value());
    job->Bind(2, std::string_view(file.job_id.value()));
    job->Bind(3, std::int64_t{1});
    if (!job->Step()) return base::Fail(ErrorCode::kNotFound, "Job not found");
  }
  {
    const Run run(insert_.On(db_));
    run->Bind(1, tenant.value());
    run->Bind(2, std::string_view(file.job_id.value()));
    run->Bind(3, std::string_view(file.id.value()));
    run->Bind(4, std::string_view(file.name));
    run->Bind(5, static_cast<std::int64_t>(file.kind));
    run->Bind(6, std::string_view(file.content_type));
    run->Bind(7, file.size_bytes);
    run->Bind(8, std::span<const unsigned char>(file.sha256));
    run->Bind(9, ToMs(file.created_at));
    run.Execute();
  }
  if (sqlite3_changes(db_) == 0) {
    const Run job(count_in_job_.On(db_));
    job->Bind(1, tenant.value());
    job->Bind(2, std::string_view(file.job_id.value()));
    job->Bind(3, std::int64_t{-1});
    job.Execute();
    return base::Fail(ErrorCode::kConflict, "The job already has a file " + file.id.value() + " under another name");
  }
  ledger_.Touch(tenant);
  return UpsertOutcome::kInserted;
}

std::optional<UpsertOutcome> FileWriter::Replace(const base::TenantId& tenant, const model::File& file) {
  std::int64_t row_id = 0;
  {
    const Run old(find_.On(db_));
    old->Bind(1, tenant.value());
    old->Bind(2, std::string_view(file.job_id.value()));
    old->Bind(3, std::string_view(file.name));
    if (!old->Step()) return std::nullopt;
    row_id = old->Int(0);
    const auto sha256 = old->Blob(4);
    const bool same = old->Int(1) == static_cast<std::int64_t>(file.kind) && old->Text(2) == file.content_type &&
                      old->Int(3) == file.size_bytes &&
                      std::equal(sha256.begin(), sha256.end(), file.sha256.begin(), file.sha256.end());
    if (same) return UpsertOutcome::kUnchanged;
  }
  const Run run(update_.On(db_));
  run->Bind(1, row_id);
  run->Bind(2, static_cast<std::int64_t>(file.kind));
  run->Bind(3, std::string_view(file.content_type));
  run->Bind(4, file.size_bytes);
  run->Bind(5, std::span<const unsigned char>(file.sha256));
  run->Bind(6, ToMs(file.created_at));
  run.Execute();
  ledger_.Touch(tenant);
  return UpsertOutcome::kUpdated;
}

}  // namespace portal::store
