#include "store/check_counters.h"

#include <iterator>
#include <utility>

#include "store/column_values.h"
#include "store/statement.h"

namespace portal::store {
namespace {

constexpr std::int64_t kJobsAPart = 10'000;

/// What a table keeps beside what is counted, and how to put it right.
struct Counter {
  int since_schema;
  const char* what;      ///< completes "… of tenant acme"
  const char* mismatch;  ///< counts what is wrong for tenant ?1
  const char* repair;    ///< for tenant ?1
  /// The mismatch is of the ?3 jobs behind job ?2, and says too how many there are and which is the last.
  bool in_parts = false;
  bool timed = false;  ///< the repair takes the present time as ?2
};

// In the order of their repairs: a tenant's bytes are counted over rows that are repaired before.
constexpr Counter kCounters[] = {
    {1, "the number of contacts",
     "SELECT count(*) FROM tenants AS t WHERE tenant_id = ?1 AND contacts_total <> "
     "(SELECT count(*) FROM contacts AS c WHERE c.tenant_id = t.tenant_id)",
     "UPDATE tenants AS t SET contacts_total = (SELECT count(*) FROM contacts AS c WHERE c.tenant_id = t.tenant_id) "
     "WHERE tenant_id = ?1"},
    {1, "the number of jobs",
     "SELECT count(*) FROM tenants AS t WHERE tenant_id = ?1 AND jobs_total <> "
     "(SELECT count(*) FROM jobs AS j WHERE j.tenant_id = t.tenant_id)",
     "UPDATE tenants AS t SET jobs_total = (SELECT count(*) FROM jobs AS j WHERE j.tenant_id = t.tenant_id) "
     "WHERE tenant_id = ?1"},
    {1, "the numbers of files of jobs",
     "SELECT sum(wrong), count(*), max(id) FROM (SELECT id, file_count <> "
     "(SELECT count(*) FROM files AS f WHERE f.tenant_id = j.tenant_id AND f.job_id = j.id) AS wrong "
     "FROM jobs AS j WHERE tenant_id = ?1 AND id > ?2 ORDER BY id LIMIT ?3)",
     "UPDATE jobs AS j SET file_count = "
     "(SELECT count(*) FROM files AS f WHERE f.tenant_id = j.tenant_id AND f.job_id = j.id) "
     "WHERE tenant_id = ?1 AND file_count <> "
     "(SELECT count(*) FROM files AS f WHERE f.tenant_id = j.tenant_id AND f.job_id = j.id)",
     true},
    {2, "the account of blobs that files name",
     "SELECT count(*) FROM (SELECT sha256 FROM files WHERE tenant_id = ?1 GROUP BY sha256) AS n WHERE NOT EXISTS "
     "(SELECT 1 FROM blobs AS b WHERE b.tenant_id = ?1 AND b.sha256 = n.sha256)",
     "INSERT INTO blobs (tenant_id, sha256, size_bytes, file_count, counted) "
     "SELECT tenant_id, sha256, max(size_bytes), count(*), 1 FROM files WHERE tenant_id = ?1 GROUP BY sha256 "
     "ON CONFLICT DO NOTHING"},
    {2, "the numbers of files of blobs",
     "WITH named AS (SELECT sha256, count(*) AS files FROM files WHERE tenant_id = ?1 GROUP BY sha256) "
     "SELECT count(*) FROM blobs AS b LEFT JOIN named AS n ON n.sha256 = b.sha256 WHERE b.tenant_id = ?1 "
     "AND (b.file_count <> ifnull(n.files, 0) OR (b.file_count > 0 AND NOT b.counted))",
     "WITH named AS (SELECT sha256, count(*) AS files FROM files WHERE tenant_id = ?1 GROUP BY sha256), "
     "anew AS (SELECT b.sha256, ifnull(n.files, 0) AS files FROM blobs AS b LEFT JOIN named AS n "
     "ON n.sha256 = b.sha256 WHERE b.tenant_id = ?1) "
     "UPDATE blobs SET file_count = anew.files, counted = iif(anew.files > 0, 1, 0), "
     "released_at = iif(anew.files > 0, NULL, ifnull(released_at, ?2)) FROM anew "
     "WHERE blobs.tenant_id = ?1 AND blobs.sha256 = anew.sha256 "
     "AND (blobs.file_count <> anew.files OR (anew.files > 0 AND NOT blobs.counted))",
     false, true},
    {2, "the number of bytes",
     "SELECT count(*) FROM tenants AS t WHERE tenant_id = ?1 AND blob_bytes <> "
     "(SELECT ifnull(sum(size_bytes), 0) FROM blobs AS b WHERE b.tenant_id = t.tenant_id AND counted)",
     "UPDATE tenants AS t SET blob_bytes = "
     "(SELECT ifnull(sum(size_bytes), 0) FROM blobs AS b WHERE b.tenant_id = t.tenant_id AND counted) "
     "WHERE tenant_id = ?1"},
};

// What clients kept of the wrong numbers must not be confirmed by a 304.
constexpr const char* kTouch = "UPDATE tenants SET revision = revision + 1 WHERE tenant_id = ?1";

}  // namespace

std::size_t CounterCount() { return std::size(kCounters); }

std::optional<std::string> FindMiscount(sqlite3* db, int schema_version, std::size_t counter,
                                        const base::TenantId& tenant, const std::string& slug,
                                        std::optional<std::string>& part) {
  const Counter& checked = kCounters[counter];
  const std::string after = std::exchange(part, std::nullopt).value_or("");
  if (checked.since_schema > schema_version) return std::nullopt;
  Statement mismatch(db, checked.mismatch);
  mismatch.Bind(1, tenant.value());
  if (checked.in_parts) {
    mismatch.Bind(2, std::string_view(after));
    mismatch.Bind(3, kJobsAPart);
  }
  mismatch.Step();
  if (checked.in_parts && mismatch.Int(1) == kJobsAPart) part = mismatch.Text(2);
  if (mismatch.Int(0) == 0) return std::nullopt;
  return std::string(checked.what) + " of tenant " + slug + " is wrong";
}

void Recount(sqlite3* db, int schema_version, const base::TenantId& tenant, base::WallTime now) {
  for (const Counter& counter : kCounters) {
    if (counter.since_schema > schema_version) continue;
    Statement repair(db, counter.repair);
    repair.Bind(1, tenant.value());
    if (counter.timed) repair.Bind(2, ToMs(now));
    repair.Step();
  }
  Statement touch(db, kTouch);
  touch.Bind(1, tenant.value());
  touch.Step();
}

}  // namespace portal::store
