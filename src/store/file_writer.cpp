#include "store/file_writer.h"

#include <sqlite3.h>

#include <algorithm>

#include "store/column_values.h"

namespace portal::store {
namespace {

using base::ErrorCode;

constexpr const char* kCountInJob =
    "UPDATE jobs SET file_count = file_count + ?3 WHERE tenant_id = ?1 AND id = ?2 RETURNING file_count";
constexpr const char* kInsert =
    "INSERT INTO files (tenant_id, job_id, id, name, kind, content_type, size_bytes, sha256, created_at) "
    "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT (tenant_id, job_id, id) DO NOTHING";
constexpr const char* kFindByName =
    "SELECT row_id, id, name, kind, content_type, size_bytes, sha256, created_at FROM files "
    "WHERE tenant_id = ?1 AND job_id = ?2 AND name = ?3 COLLATE BINARY";
constexpr const char* kFindById =
    "SELECT row_id, id, name, kind, content_type, size_bytes, sha256, created_at FROM files "
    "WHERE tenant_id = ?1 AND job_id = ?2 AND id = ?3";
constexpr const char* kFirstOfJob =
    "SELECT row_id, id, name, kind, content_type, size_bytes, sha256, created_at FROM files "
    "WHERE tenant_id = ?1 AND job_id = ?2 LIMIT 1";
constexpr const char* kUpdate =
    "UPDATE files SET name = ?2, kind = ?3, content_type = ?4, size_bytes = ?5, sha256 = ?6, created_at = ?7 "
    "WHERE row_id = ?1";
constexpr const char* kDelete = "DELETE FROM files WHERE row_id = ?1";

/// The columns of the statements above, in their order.
model::File ToFile(const Statement& row, const base::JobId& job) {
  model::File file;
  file.id = base::FileId(std::string(row.Text(1)));
  file.job_id = job;
  file.name = row.Text(2);
  file.kind = static_cast<model::FileKind>(row.Int(3));
  file.content_type = row.Text(4);
  file.size_bytes = row.Int(5);
  std::ranges::copy(row.Blob(6), file.sha256.begin());
  file.created_at = ToTime(row.Int(7));
  return file;
}

}  // namespace

FileWriter::FileWriter(sqlite3* db, Ledger& ledger, BlobWriter& blobs)
    : db_(db),
      ledger_(ledger),
      blobs_(blobs),
      count_in_job_(kCountInJob),
      insert_(kInsert),
      find_by_name_(kFindByName),
      find_by_id_(kFindById),
      first_of_job_(kFirstOfJob),
      update_(kUpdate),
      delete_(kDelete) {}

base::Result<UpsertOutcome> FileWriter::Put(const base::TenantId& tenant, const model::File& file) {
  if (auto good = Check(file); !good) return base::Fail(std::move(good).error());
  if (const auto old = FindByName(tenant, file)) {
    const bool same = old->file.kind == file.kind && old->file.content_type == file.content_type &&
                      old->file.size_bytes == file.size_bytes && old->file.sha256 == file.sha256;
    if (same) return UpsertOutcome::kUnchanged;
    return Replace(tenant, *old, file);
  }
  return Insert(tenant, file);
}

base::Result<UpsertOutcome> FileWriter::Upsert(const base::TenantId& tenant, const model::File& file,
                                               GivenTimes given) {
  if (auto good = Check(file); !good) return base::Fail(std::move(good).error());
  const auto of_that_name = FindByName(tenant, file);
  if (of_that_name && of_that_name->file.id != file.id) {
    return base::Fail(ErrorCode::kConflict,
                      "The job already has a file of that name, " + of_that_name->file.id.value());
  }
  const auto old = FindById(tenant, file.job_id, file.id);
  if (!old) return Insert(tenant, file);
  model::File changed = file;
  if (!given.created) changed.created_at = old->file.created_at;
  if (changed == old->file) return UpsertOutcome::kUnchanged;
  return Replace(tenant, *old, changed);
}

std::optional<model::File> FileWriter::Find(const base::TenantId& tenant, const base::JobId& job,
                                            const base::FileId& id) {
  auto row = FindById(tenant, job, id);
  if (!row) return std::nullopt;
  return std::move(row->file);
}

base::Status FileWriter::Delete(const base::TenantId& tenant, const base::JobId& job, const base::FileId& id) {
  const auto row = FindById(tenant, job, id);
  if (!row) return base::Fail(ErrorCode::kNotFound, "File not found");
  Remove(tenant, *row);
  CountInJob(tenant, job, -1);
  return {};
}

void FileWriter::DeleteAllOf(const base::TenantId& tenant, const base::JobId& job) {
  while (true) {
    Row row;
    {
      const Run first(first_of_job_.On(db_));
      first->Bind(1, tenant.value());
      first->Bind(2, std::string_view(job.value()));
      if (!first->Step()) return;
      row = {first->Int(0), ToFile(*first, job)};
    }
    Remove(tenant, row);
  }
}

base::Status FileWriter::Check(const model::File& file) {
  if (!model::IsFileId(file.id.value())) {
    return base::Fail(ErrorCode::kValidation,
                      "id: \"" + file.id.value() + "\" is not file_ and 1 to 60 letters, digits, - or _");
  }
  if (!model::IsFileName(file.name)) {
    return base::Fail(ErrorCode::kValidation,
                      "name: must be 1 to 255 bytes of UTF-8 without / and control characters, and not . or ..");
  }
  if (file.size_bytes < 0) return base::Fail(ErrorCode::kValidation, "size: must not be negative");
  return {};
}

std::optional<FileWriter::Row> FileWriter::FindByName(const base::TenantId& tenant, const model::File& file) {
  const Run row(find_by_name_.On(db_));
  row->Bind(1, tenant.value());
  row->Bind(2, std::string_view(file.job_id.value()));
  row->Bind(3, std::string_view(file.name));
  if (!row->Step()) return std::nullopt;
  return Row{row->Int(0), ToFile(*row, file.job_id)};
}

std::optional<FileWriter::Row> FileWriter::FindById(const base::TenantId& tenant, const base::JobId& job,
                                                    const base::FileId& id) {
  const Run row(find_by_id_.On(db_));
  row->Bind(1, tenant.value());
  row->Bind(2, std::string_view(job.value()));
  row->Bind(3, std::string_view(id.value()));
  if (!row->Step()) return std::nullopt;
  return Row{row->Int(0), ToFile(*row, job)};
}

base::Result<UpsertOutcome> FileWriter::Insert(const base::TenantId& tenant, const model::File& file) {
  if (!CountInJob(tenant, file.job_id, 1)) return base::Fail(ErrorCode::kNotFound, "Job not found");
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
  const bool inserted = sqlite3_changes(db_) > 0;
  if (!inserted) {
    CountInJob(tenant, file.job_id, -1);
    return base::Fail(ErrorCode::kConflict, "The job already has a file " + file.id.value() + " under another name");
  }
  if (auto claimed = blobs_.Claim(tenant, file.sha256, file.size_bytes); !claimed) {
    const auto row = FindById(tenant, file.job_id, file.id);
    const Run undo(delete_.On(db_));
    undo->Bind(1, row->row_id);
    undo.Execute();
    CountInJob(tenant, file.job_id, -1);
    return base::Fail(std::move(claimed).error());
  }
  ledger_.Touch(tenant);
  return UpsertOutcome::kInserted;
}

base::Result<UpsertOutcome> FileWriter::Replace(const base::TenantId& tenant, const Row& old, const model::File& file) {
  if (old.file.sha256 != file.sha256) {
    auto exchanged = blobs_.Exchange(tenant, old.file.sha256, file.sha256, file.size_bytes);
    if (!exchanged) return base::Fail(std::move(exchanged).error());
  }
  const Run run(update_.On(db_));
  run->Bind(1, old.row_id);
  run->Bind(2, std::string_view(file.name));
  run->Bind(3, static_cast<std::int64_t>(file.kind));
  run->Bind(4, std::string_view(file.content_type));
  run->Bind(5, file.size_bytes);
  run->Bind(6, std::span<const unsigned char>(file.sha256));
  run->Bind(7, ToMs(file.created_at));
  run.Execute();
  ledger_.Touch(tenant);
  return UpsertOutcome::kUpdated;
}

void FileWriter::Remove(const base::TenantId& tenant, const Row& row) {
  const Run run(delete_.On(db_));
  run->Bind(1, row.row_id);
  run.Execute();
  blobs_.Release(tenant, row.file.sha256);
  ledger_.Touch(tenant);
}

bool FileWriter::CountInJob(const base::TenantId& tenant, const base::JobId& job, std::int64_t more) {
  const Run run(count_in_job_.On(db_));
  run->Bind(1, tenant.value());
  run->Bind(2, std::string_view(job.value()));
  run->Bind(3, more);
  return run->Step();
}

}  // namespace portal::store
