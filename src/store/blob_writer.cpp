#include "store/blob_writer.h"

#include "store/column_values.h"

namespace portal::store {
namespace {

constexpr const char* kFind = "SELECT size_bytes, counted, file_count FROM blobs WHERE tenant_id = ?1 AND sha256 = ?2";
constexpr const char* kQuota = "SELECT quota_bytes, blob_bytes FROM tenants WHERE tenant_id = ?1";
constexpr const char* kPut =
    "INSERT INTO blobs (tenant_id, sha256, size_bytes, file_count, counted, released_at) "
    "VALUES (?1, ?2, ?3, ?4, 1, iif(?4 > 0, NULL, ?5)) ON CONFLICT (tenant_id, sha256) DO UPDATE SET "
    "file_count = file_count + ?4, counted = 1, released_at = iif(file_count + ?4 > 0, NULL, ?5)";
constexpr const char* kRelease =
    "UPDATE blobs SET file_count = file_count - 1, counted = file_count > 1, "
    "released_at = iif(file_count > 1, NULL, ?3) WHERE tenant_id = ?1 AND sha256 = ?2 "
    "RETURNING iif(counted, 0, size_bytes)";

}  // namespace

BlobWriter::BlobWriter(sqlite3* db, Ledger& ledger, const base::Clock& clock)
    : db_(db), ledger_(ledger), clock_(clock), find_(kFind), quota_(kQuota), put_(kPut), release_(kRelease) {}

base::Status BlobWriter::Exchange(const base::TenantId& tenant, std::span<const unsigned char, 32> old,
                                  std::span<const unsigned char, 32> sha256, std::int64_t size_bytes) {
  const std::optional<Row> row = Read(tenant, old);
  const std::int64_t given_back = row && row->counted && row->files == 1 ? row->size_bytes : 0;
  if (base::Status claimed = Put(tenant, sha256, size_bytes, 1, given_back); !claimed) return claimed;
  Release(tenant, old);
  return {};
}

void BlobWriter::Release(const base::TenantId& tenant, std::span<const unsigned char, 32> sha256) {
  const Run run(release_.On(db_));
  run->Bind(1, tenant.value());
  run->Bind(2, std::span<const unsigned char>(sha256));
  run->Bind(3, ToMs(clock_.Wall()));
  if (run->Step()) ledger_.AddBlobBytes(tenant, -run->Int(0));
}

base::Status BlobWriter::Hold(const base::TenantId& tenant, std::span<const unsigned char, 32> sha256,
                              std::int64_t size_bytes) {
  return Put(tenant, sha256, size_bytes, 0, 0);
}

base::Status BlobWriter::Put(const base::TenantId& tenant, std::span<const unsigned char, 32> sha256,
                             std::int64_t size_bytes, std::int64_t files, std::int64_t given_back) {
  const std::optional<Row> row = Read(tenant, sha256);
  if (!row || !row->counted) {
    // What is added is what a release takes away again: the row's own size.
    if (base::Status fits = Count(tenant, row ? row->size_bytes : size_bytes, given_back); !fits) return fits;
  }
  const Run run(put_.On(db_));
  run->Bind(1, tenant.value());
  run->Bind(2, std::span<const unsigned char>(sha256));
  run->Bind(3, size_bytes);
  run->Bind(4, files);
  run->Bind(5, ToMs(clock_.Wall()));
  run.Execute();
  return {};
}

std::optional<std::int64_t> BlobWriter::Find(const base::TenantId& tenant, std::span<const unsigned char, 32> sha256) {
  const std::optional<Row> row = Read(tenant, sha256);
  return row ? std::optional(row->size_bytes) : std::nullopt;
}

std::optional<BlobWriter::Row> BlobWriter::Read(const base::TenantId& tenant,
                                                std::span<const unsigned char, 32> sha256) {
  const Run run(find_.On(db_));
  run->Bind(1, tenant.value());
  run->Bind(2, std::span<const unsigned char>(sha256));
  if (!run->Step()) return std::nullopt;
  return Row{run->Int(0), run->Int(1) != 0, run->Int(2)};
}

base::Status BlobWriter::Count(const base::TenantId& tenant, std::int64_t size_bytes, std::int64_t given_back) {
  {
    const Run run(quota_.On(db_));
    run->Bind(1, tenant.value());
    if (!run->Step()) return base::Fail(base::ErrorCode::kNotFound, "Tenant not found");
    const std::optional<std::int64_t> quota = run->OptionalInt(0);
    const std::int64_t used = run->Int(1) + ledger_.BlobBytes(tenant) - given_back;
    if (quota && size_bytes > *quota - used) {
      return base::Fail(base::ErrorCode::kStorageFull,
                        "The file's " + std::to_string(size_bytes) + " bytes do not fit into the tenant's quota of " +
                            std::to_string(*quota) + " bytes, of which " + std::to_string(used) +
                            " are used: delete files, or have the quota raised");
    }
  }
  ledger_.AddBlobBytes(tenant, size_bytes);
  return {};
}

}  // namespace portal::store
