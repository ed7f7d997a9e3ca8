#pragma once

#include <span>

#include "base/clock.h"
#include "store/ledger.h"
#include "store/statement.h"
#include "store/writer.h"

namespace portal::store {

/// Keeps account of which blobs a tenant has, within the connection's open transaction. Throws
/// SQLite::Exception. Not thread-safe.
class BlobWriter {
 public:
  BlobWriter(sqlite3* db, Ledger& ledger, const base::Clock& clock);

  /// One more file names the blob. kStorageFull: it would be more than the tenant's quota.
  base::Status Claim(const base::TenantId& tenant, std::span<const unsigned char, 32> sha256, std::int64_t size_bytes) {
    return Put(tenant, sha256, size_bytes, 1, 0);
  }
  /// A file names the blob in place of `old`, whose bytes make room where nobody else of the tenant needs them.
  /// kStorageFull as Claim, and nothing has changed. REQUIRES: the file named `old`, which is another blob.
  base::Status Exchange(const base::TenantId& tenant, std::span<const unsigned char, 32> old,
                        std::span<const unsigned char, 32> sha256, std::int64_t size_bytes);
  /// One file less names the blob. REQUIRES: one did.
  void Release(const base::TenantId& tenant, std::span<const unsigned char, 32> sha256);
  /// The tenant has uploaded the blob; without a file that names it, it is kept for the retention.
  /// kStorageFull as Claim.
  base::Status Hold(const base::TenantId& tenant, std::span<const unsigned char, 32> sha256, std::int64_t size_bytes);
  /// The size, where the tenant has the blob.
  std::optional<std::int64_t> Find(const base::TenantId& tenant, std::span<const unsigned char, 32> sha256);

 private:
  struct Row {
    std::int64_t size_bytes = 0;
    bool counted = false;
    std::int64_t files = 0;
  };
  std::optional<Row> Read(const base::TenantId& tenant, std::span<const unsigned char, 32> sha256);
  base::Status Put(const base::TenantId& tenant, std::span<const unsigned char, 32> sha256, std::int64_t size_bytes,
                   std::int64_t files, std::int64_t given_back);
  base::Status Count(const base::TenantId& tenant, std::int64_t size_bytes, std::int64_t given_back);

  sqlite3* db_;
  Ledger& ledger_;
  const base::Clock& clock_;
  LazyStatement find_;
  LazyStatement quota_;
  LazyStatement put_;
  LazyStatement release_;
};

}  // namespace portal::store
