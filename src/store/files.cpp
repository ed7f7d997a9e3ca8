#include "store/files.h"

#include "store/column_values.h"
#include "store/page_query.h"
#include "store/read_connection.h"

namespace portal::store {
namespace {

constexpr const char* kJob = "SELECT file_count FROM jobs WHERE tenant_id = ?1 AND id = ?2";
// The columns of ListSql, in the same places.
constexpr const char* kFind =
    "SELECT NULL, id, name, kind, content_type, size_bytes, sha256, created_at "
    "FROM files WHERE tenant_id = ?1 AND job_id = ?2 AND id = ?3";
constexpr const char* kFindByName =
    "SELECT NULL, id, name, kind, content_type, size_bytes, sha256, created_at "
    "FROM files WHERE tenant_id = ?1 AND job_id = ?2 AND name = ?3 COLLATE BINARY";
constexpr const char* kFindBlob = "SELECT size_bytes FROM blobs WHERE tenant_id = ?1 AND sha256 = ?2";

void GiveRow(const Statement& row, Files::Sink sink) {
  sink({.id = row.Text(list_column::kId),
        .name = row.Text(2),
        .kind = static_cast<model::FileKind>(row.Int(3)),
        .content_type = row.Text(4),
        .size_bytes = row.Int(5),
        .sha256 = row.Blob(6).first<32>(),
        .created_at = ToTime(row.Int(7))});
}

std::string ToIdText(std::string stored) { return stored; }

}  // namespace

// No anchors: offsets within one job are never deep.
Files::Files(ReadConnection& connection)
    : connection_(connection),
      list_(connection, nullptr),
      job_(kJob),
      find_(kFind),
      find_by_name_(kFindByName),
      find_blob_(kFindBlob) {}

base::Result<model::PageInfo> Files::List(const base::TenantId& tenant, std::string_view job_id,
                                          const model::FileQuery& request, Sink sink) {
  return connection_.Catch([&]() -> base::Result<model::PageInfo> {
    ListQuery query = ToListQuery(store::List::kFiles, tenant, request);
    query.job = job_id;
    if (request.kind) query.kind = static_cast<std::int64_t>(*request.kind);
    {
      const Run job(job_.On(connection_.handle()));
      job->Bind(1, tenant.value());
      job->Bind(2, job_id);
      if (!job->Step()) return base::Fail(base::ErrorCode::kNotFound, "Job not found");
      query.rows = job->Int(0);
    }
    base::Result<ListReader::Page> page = list_.Read(query, [&](const Statement& row) { GiveRow(row, sink); });
    if (!page) return base::Fail(std::move(page.error()));
    return ToPageInfo(query, std::move(*page), ToIdText);
  });
}

base::Status Files::Find(const base::TenantId& tenant, std::string_view job_id, std::string_view file_id, Sink sink) {
  return connection_.Catch([&]() -> base::Status {
    {
      const Run run(find_.On(connection_.handle()));
      run->Bind(1, tenant.value());
      run->Bind(2, job_id);
      run->Bind(3, file_id);
      if (run->Step()) {
        GiveRow(*run, sink);
        return {};
      }
    }
    const Run job(job_.On(connection_.handle()));
    job->Bind(1, tenant.value());
    job->Bind(2, job_id);
    return base::Fail(base::ErrorCode::kNotFound, job->Step() ? "File not found" : "Job not found");
  });
}

base::Status Files::FindByName(const base::TenantId& tenant, std::string_view job_id, std::string_view name,
                               Sink sink) {
  return connection_.Catch([&]() -> base::Status {
    const Run run(find_by_name_.On(connection_.handle()));
    run->Bind(1, tenant.value());
    run->Bind(2, job_id);
    run->Bind(3, name);
    if (!run->Step()) return base::Fail(base::ErrorCode::kNotFound, "File not found");
    GiveRow(*run, sink);
    return {};
  });
}

base::Result<std::optional<std::int64_t>> Files::FindBlob(const base::TenantId& tenant,
                                                          std::span<const unsigned char, 32> sha256) {
  return connection_.Catch([&]() -> base::Result<std::optional<std::int64_t>> {
    const Run run(find_blob_.On(connection_.handle()));
    run->Bind(1, tenant.value());
    run->Bind(2, std::span<const unsigned char>(sha256));
    if (!run->Step()) return std::nullopt;
    return run->Int(0);
  });
}

}  // namespace portal::store
