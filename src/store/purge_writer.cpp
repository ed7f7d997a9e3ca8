#include "store/purge_writer.h"

#include <sqlite3.h>

#include <algorithm>
#include <string>
#include <utility>

#include "store/column_values.h"
#include "store/notes.h"
#include "store/search_segments.h"

namespace portal::store {
namespace {

constexpr const char* kDueTenants =
    "SELECT tenant_id FROM tenants WHERE deleted_at <= ?1 ORDER BY deleted_at, tenant_id";
constexpr const char* kDeleteFiles =
    "DELETE FROM files WHERE row_id IN (SELECT row_id FROM files WHERE tenant_id = ?1 LIMIT ?2)";
constexpr const char* kSomeJobs = "SELECT id FROM jobs WHERE tenant_id = ?1 LIMIT ?2";
constexpr const char* kSomeContacts = "SELECT id FROM contacts WHERE tenant_id = ?1 LIMIT ?2";
constexpr const char* kDeleteBlobs =
    "DELETE FROM blobs WHERE tenant_id = ?1 AND sha256 IN (SELECT sha256 FROM blobs WHERE tenant_id = ?1 LIMIT ?2) "
    "RETURNING sha256, size_bytes";
constexpr const char* kDeleteFeedBatches = "DELETE FROM feed_batches WHERE tenant_id = ?1";
// Rows first: the last one says that the tenant has nothing left.
constexpr const char* kDeleteTenant =
    "DELETE FROM tenants WHERE tenant_id = ?1 AND NOT EXISTS (SELECT 1 FROM blobs WHERE tenant_id = ?1)";
constexpr const char* kNoteTenant =
    "INSERT INTO meta (name, value) VALUES ('last_purged_tenant', CAST(?1 AS TEXT)) ON CONFLICT (name) DO UPDATE SET "
    "value = CAST(max(CAST(value AS INTEGER), ?1) AS TEXT)";

constexpr const char* kDueBlobs =
    "SELECT b.tenant_id, b.sha256, b.size_bytes, b.counted FROM blobs AS b INDEXED BY blobs_released "
    "JOIN tenants AS t ON t.tenant_id = b.tenant_id "
    "WHERE b.released_at <= iif(b.counted, ?3, ?1) AND b.released_at <= ?1 AND t.deleted_at IS NULL "
    "ORDER BY b.released_at LIMIT ?2";
constexpr const char* kDeleteBlob = "DELETE FROM blobs WHERE tenant_id = ?1 AND sha256 = ?2";
constexpr const char* kBlobIsNamed = "SELECT 1 FROM blobs WHERE sha256 = ?1 LIMIT 1";

constexpr const char* kWaitingTenants = "SELECT count(*) FROM tenants WHERE deleted_at IS NOT NULL";
constexpr const char* kWaitingBlobs =
    "SELECT count(*), ifnull(sum(size_bytes), 0) FROM blobs WHERE released_at IS NOT NULL";
constexpr const char* kOldestTenant = "SELECT min(deleted_at) FROM tenants WHERE deleted_at IS NOT NULL";
// Of deleted tenants' blobs, those of living ones come up once the tenants are gone. One that is released and counts is
// an upload that no file has named since.
constexpr const char* kOldestBlob =
    "SELECT b.released_at FROM blobs AS b INDEXED BY blobs_released JOIN tenants AS t ON t.tenant_id = b.tenant_id "
    "WHERE b.released_at IS NOT NULL AND b.counted = ?1 AND t.deleted_at IS NULL ORDER BY b.released_at LIMIT 1";
constexpr const char* kOldestFeedBatch = "SELECT min(created_at) FROM feed_batches";

// `merge` with a negative number begins a merge of all segments into one, a positive one goes on with it
// (https://www.sqlite.org/fts5.html#the_merge_command).
struct SearchSql {
  const char* merge;
  std::string_view stale_since;
  std::string_view merging;
  std::string_view tidying;
  std::string_view tidied;
};
constexpr SearchSql kSearchSql[] = {
    {"INSERT INTO contacts_search (contacts_search, rank) VALUES ('merge', ?1)", kContactsSearchStaleSince,
     "contacts_search_merging", kContactsSearchTidying, kContactsSearchTidied},
    {"INSERT INTO jobs_search (jobs_search, rank) VALUES ('merge', ?1)", kJobsSearchStaleSince, "jobs_search_merging",
     kJobsSearchTidying, kJobsSearchTidied}};

}  // namespace

PurgeWriter::PurgeWriter(sqlite3* db, Ledger& ledger, ContactWriter& contacts, JobWriter& jobs)
    : db_(db), ledger_(ledger), contacts_(contacts), jobs_(jobs) {}

PurgedRows PurgeWriter::RemoveRows(const PurgeStep& step) {
  PurgedRows done;
  Budget budget{step.most};
  std::vector<base::TenantId> due;
  {
    Statement tenants(db_, kDueTenants);
    tenants.Bind(1, ToMs(step.until));
    while (tenants.Step()) due.emplace_back(tenants.Int(0));
  }
  for (const base::TenantId& tenant : due) {
    if (budget.left > 0) RemoveTenant(tenant, step, budget, done);
  }
  if (step.blobs && budget.left > 0) RemoveReleasedBlobs(step, budget, done);
  done.more = budget.left <= 0;
  done.blobs_wait =
      !done.more && !step.blobs && (std::cmp_greater(due.size(), done.tenants) || !FindReleasedBlobs(step, 1).empty());
  if (budget.left < step.most) WriteNote(db_, kPagesScrubbed, "1");
  return done;
}

void PurgeWriter::RemoveTenant(const base::TenantId& tenant, const PurgeStep& step, Budget& budget, PurgedRows& done) {
  {
    Statement files(db_, kDeleteFiles);
    files.Bind(1, tenant.value());
    files.Bind(2, budget.left);
    files.Step();
    done.files += budget.Take(sqlite3_changes(db_));
  }
  // Files name jobs, and jobs contacts: whoever is named goes last.
  if (budget.left > 0) RemoveJobs(tenant, budget, done);
  if (budget.left > 0) RemoveContacts(tenant, budget, done);
  ledger_.Forget(tenant);
  if (done.jobs + done.contacts > 0) HastenSearch(step.until);
  if (budget.left > 0 && step.blobs) RemoveBlobsOf(tenant, budget, done);
  if (budget.left <= 0) return;
  Statement feed_batches(db_, kDeleteFeedBatches);
  feed_batches.Bind(1, tenant.value());
  feed_batches.Step();
  Statement row(db_, kDeleteTenant);
  row.Bind(1, tenant.value());
  row.Step();
  if (sqlite3_changes(db_) == 0) return;
  done.tenants += budget.Take(1);
  Statement note(db_, kNoteTenant);
  note.Bind(1, tenant.value());
  note.Step();
}

void PurgeWriter::RemoveJobs(const base::TenantId& tenant, Budget& budget, PurgedRows& done) {
  std::vector<base::JobId> ids;
  Statement some(db_, kSomeJobs);
  some.Bind(1, tenant.value());
  some.Bind(2, budget.left);
  while (some.Step()) ids.emplace_back(std::string(some.Text(0)));
  some.Reset();
  for (const base::JobId& id : ids) static_cast<void>(jobs_.Delete(tenant, id));
  done.jobs += budget.Take(static_cast<std::int64_t>(ids.size()));
}

void PurgeWriter::RemoveContacts(const base::TenantId& tenant, Budget& budget, PurgedRows& done) {
  std::vector<base::ContactId> ids;
  Statement some(db_, kSomeContacts);
  some.Bind(1, tenant.value());
  some.Bind(2, budget.left);
  while (some.Step()) ids.emplace_back(std::string(UuidText(some.Blob(0)).view()));
  some.Reset();
  for (const base::ContactId& id : ids) static_cast<void>(contacts_.Delete(tenant, id));
  done.contacts += budget.Take(static_cast<std::int64_t>(ids.size()));
}

void PurgeWriter::RemoveBlobsOf(const base::TenantId& tenant, Budget& budget, PurgedRows& done) {
  std::vector<PurgedBlob> released;
  Statement blobs(db_, kDeleteBlobs);
  blobs.Bind(1, tenant.value());
  blobs.Bind(2, budget.left);
  while (blobs.Step()) {
    std::ranges::copy(blobs.Blob(0), released.emplace_back().sha256.begin());
    released.back().size_bytes = blobs.Int(1);
  }
  blobs.Reset();
  done.blobs += budget.Take(static_cast<std::int64_t>(released.size()));
  NoteUnnamed(released, done);
}

std::vector<PurgeWriter::ReleasedBlob> PurgeWriter::FindReleasedBlobs(const PurgeStep& step, std::int64_t most) {
  std::vector<ReleasedBlob> due;
  Statement query(db_, kDueBlobs);
  query.Bind(1, ToMs(step.until));
  query.Bind(2, most);
  query.Bind(3, ToMs(step.uploads_until));
  while (query.Step()) {
    ReleasedBlob& row = due.emplace_back(ReleasedBlob{base::TenantId(query.Int(0)), {}, query.Int(3) != 0});
    std::ranges::copy(query.Blob(1), row.blob.sha256.begin());
    row.blob.size_bytes = query.Int(2);
  }
  return due;
}

void PurgeWriter::RemoveReleasedBlobs(const PurgeStep& step, Budget& budget, PurgedRows& done) {
  const std::vector<ReleasedBlob> due = FindReleasedBlobs(step, budget.left);
  LazyStatement remove(kDeleteBlob);
  std::vector<PurgedBlob> released;
  for (const ReleasedBlob& row : due) {
    const Run run(remove.On(db_));
    run->Bind(1, row.tenant.value());
    run->Bind(2, std::span<const unsigned char>(row.blob.sha256));
    run.Execute();
    if (row.counted) ledger_.AddBlobBytes(row.tenant, -row.blob.size_bytes);
    released.push_back(row.blob);
  }
  done.blobs += budget.Take(static_cast<std::int64_t>(due.size()));
  NoteUnnamed(released, done);
}

void PurgeWriter::NoteUnnamed(const std::vector<PurgedBlob>& released, PurgedRows& done) {
  for (const PurgedBlob& blob : released) {
    if (!HasBlob(blob.sha256)) done.unnamed.push_back(blob);
  }
}

bool PurgeWriter::HasBlob(std::span<const unsigned char, 32> sha256) {
  Statement named(db_, kBlobIsNamed);
  named.Bind(1, std::span<const unsigned char>(sha256));
  return named.Step();
}

SearchMerge PurgeWriter::MergeSearch(SearchTable table, base::WallTime until, std::int64_t pages) {
  const SearchSql& sql = kSearchSql[static_cast<std::size_t>(table)];
  const bool going_on = ReadNote(db_, sql.merging).has_value();
  if (!going_on) {
    const auto stale_since = ReadTimeNote(db_, sql.stale_since);
    if (!stale_since || *stale_since > until) return SearchMerge::kNothingDue;
    WriteNote(db_, sql.merging, "1");
    RemoveNote(db_, sql.stale_since);  // what is deleted from here on waits for the next merge
  }
  WriteNote(db_, kPagesScrubbed, "1");
  if (MergeSome(table, going_on, pages)) return SearchMerge::kGoesOn;
  RemoveNote(db_, sql.merging);
  return SearchMerge::kDone;
}

/// Words of deleted rows go with it too, but not what of them is left in gaps of pages: they stay noted.
SearchMerge PurgeWriter::TidySearch(SearchTable table, base::WallTime now, std::int64_t pages) {
  const SearchSql& sql = kSearchSql[static_cast<std::size_t>(table)];
  const bool going_on = ReadNote(db_, sql.tidying).has_value();
  if (!going_on) WriteNote(db_, sql.tidying, "1");
  if (MergeSome(table, going_on, pages)) return SearchMerge::kGoesOn;
  RemoveNote(db_, sql.tidying);
  WriteTimeNote(db_, sql.tidied, now);
  return SearchMerge::kDone;
}

SearchState PurgeWriter::ReadSearch(SearchTable table) {
  const SearchSql& sql = kSearchSql[static_cast<std::size_t>(table)];
  return {.segments = ReadSearchSegments(db_, table),
          .tidying = ReadNote(db_, sql.tidying).has_value(),
          .tidied_at = ReadTimeNote(db_, sql.tidied)};
}

bool PurgeWriter::MergeSome(SearchTable table, bool going_on, std::int64_t pages) {
  const int before = sqlite3_total_changes(db_);
  Statement merge(db_, kSearchSql[static_cast<std::size_t>(table)].merge);
  merge.Bind(1, going_on ? pages : -pages);
  merge.Step();
  return sqlite3_total_changes(db_) - before >= 2;  // FTS5's word for it: less are the end
}

/// The words of a tenant's rows were deleted when the tenant was, which is long enough ago.
void PurgeWriter::HastenSearch(base::WallTime until) {
  for (const SearchSql& sql : kSearchSql) {
    const auto stale = ReadTimeNote(db_, sql.stale_since);
    if (stale && *stale > until) WriteTimeNote(db_, sql.stale_since, until);
  }
}

PurgeBacklog PurgeWriter::Backlog() {
  PurgeBacklog backlog;
  backlog.tenants = Number(kWaitingTenants).value_or(0);
  Statement blobs(db_, kWaitingBlobs);
  blobs.Step();
  backlog.blobs = blobs.Int(0);
  backlog.blob_bytes = blobs.Int(1);
  const OldestDeletion oldest = Oldest();
  backlog.search = oldest.search || oldest.search_begun;
  backlog.free_pages = Number("PRAGMA freelist_count").value_or(0);
  backlog.page_bytes = Number("PRAGMA page_size").value_or(0);
  return backlog;
}

OldestDeletion PurgeWriter::Oldest() {
  OldestDeletion oldest;
  oldest.tenant = ToTime(Number(kOldestTenant));
  oldest.blob = FindOldestBlob(false);
  oldest.upload = FindOldestBlob(true);
  oldest.feed_batch = ToTime(Number(kOldestFeedBatch));
  for (const SearchSql& sql : kSearchSql) {
    oldest.search_begun = oldest.search_begun || ReadNote(db_, sql.merging);
    const auto stale = ReadTimeNote(db_, sql.stale_since);
    if (stale && (!oldest.search || *stale < *oldest.search)) oldest.search = stale;
  }
  return oldest;
}

std::optional<base::WallTime> PurgeWriter::FindOldestBlob(bool counted) {
  Statement query(db_, kOldestBlob);
  query.Bind(1, std::int64_t{counted});
  if (!query.Step()) return std::nullopt;
  return ToTime(query.OptionalInt(0));
}

std::optional<std::int64_t> PurgeWriter::Number(const char* sql) {
  Statement query(db_, sql);
  if (!query.Step()) return std::nullopt;
  return query.OptionalInt(0);
}

}  // namespace portal::store
