#include "store/job_writer.h"

#include <SQLiteCpp/Exception.h>
#include <sqlite3.h>

#include <algorithm>
#include <cassert>

#include "store/column_values.h"

namespace portal::store {
namespace {

// Insert first: an import of new rows then pays for one look at the unique index, not two.
constexpr const char* kInsert =
    "INSERT INTO jobs (tenant_id, id, title, status, contact_id, address, scheduled_at, scheduled_order, "
    "completed_at, created_at, updated_at) "
    "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ifnull(?7, -9223372036854775808), ?8, ?9, ?10) ON CONFLICT (tenant_id, id) DO "
    "NOTHING";
constexpr const char* kFind =
    "SELECT row_id, title, status, contact_id, address, scheduled_at, completed_at, created_at, updated_at FROM jobs "
    "WHERE tenant_id = ?1 AND id = ?2";
constexpr const char* kUpdate =
    "UPDATE jobs SET title = ?2, status = ?3, contact_id = ?4, address = ?5, scheduled_at = ?6, "
    "scheduled_order = ifnull(?6, -9223372036854775808), completed_at = ?7, created_at = ?8, updated_at = ?9 WHERE "
    "row_id = ?1";

constexpr const char* kDelete = "DELETE FROM jobs WHERE row_id = ?1";
constexpr const char* kForgetContact =
    "UPDATE jobs SET contact_id = NULL, updated_at = max(updated_at, ?3) WHERE tenant_id = ?1 AND contact_id = ?2";

void BindContact(Statement& statement, int parameter, const std::optional<UuidBytes>& contact) {
  if (contact) {
    statement.Bind(parameter, std::span<const unsigned char>(*contact));
  } else {
    statement.BindNull(parameter);
  }
}

bool HasContact(const Statement& row, int column, const std::optional<UuidBytes>& contact) {
  if (row.IsNull(column)) return !contact;
  const auto stored = row.Blob(column);
  return contact && std::equal(stored.begin(), stored.end(), contact->begin(), contact->end());
}

}  // namespace

JobWriter::JobWriter(sqlite3* db, Ledger& ledger, SearchWords& words, const base::Clock& clock)
    : db_(db),
      ledger_(ledger),
      words_(words),
      search_(db, SearchIndex::kJobs, clock),
      insert_(kInsert),
      find_(kFind),
      update_(kUpdate),
      delete_(kDelete),
      forget_contact_(kForgetContact) {}

base::Result<UpsertOutcome> JobWriter::Upsert(const base::TenantId& tenant, const model::Job& job, GivenTimes given) {
  if (!model::IsJobId(job.id.value())) {
    return base::Fail(base::ErrorCode::kValidation,
                      "id: \"" + job.id.value() + "\" is not job_ and 1 to 60 letters, digits, - or _");
  }
  std::optional<UuidBytes> contact;
  if (job.contact_id) {
    contact = ParseUuid(job.contact_id->value());
    if (!contact) {
      return base::Fail(base::ErrorCode::kValidation,
                        "contact_id: \"" + job.contact_id->value() + "\" is not a lower-case UUID");
    }
  }
  try {
    if (Insert(tenant, job, contact)) return UpsertOutcome::kInserted;
    return Update(tenant, job, contact, given);
  } catch (const SQLite::Exception& exception) {
    if (exception.getExtendedErrorCode() != SQLITE_CONSTRAINT_FOREIGNKEY || !job.contact_id) throw;
    return base::Fail(base::ErrorCode::kValidation, "contact_id: there is no contact " + job.contact_id->value());
  }
}

bool JobWriter::Insert(const base::TenantId& tenant, const model::Job& job, const std::optional<UuidBytes>& contact) {
  {
    const Run run(insert_.On(db_));
    run->Bind(1, tenant.value());
    run->Bind(2, std::string_view(job.id.value()));
    run->Bind(3, std::string_view(job.title));
    run->Bind(4, static_cast<std::int64_t>(job.status));
    BindContact(*run, 5, contact);
    run->Bind(6, job.address);
    run->Bind(7, ToMs(job.scheduled_at));
    run->Bind(8, ToMs(job.completed_at));
    run->Bind(9, ToMs(job.created_at));
    run->Bind(10, ToMs(job.updated_at));
    run.Execute();
  }
  if (sqlite3_changes(db_) == 0) return false;
  const std::int64_t row_id = sqlite3_last_insert_rowid(db_);
  new_words_.clear();
  words_.AppendText(tenant, job.title, new_words_);
  search_.Add(row_id, new_words_);
  ledger_.AddJob(tenant);
  return true;
}

UpsertOutcome JobWriter::Update(const base::TenantId& tenant, const model::Job& job,
                                const std::optional<UuidBytes>& contact, GivenTimes given) {
  std::int64_t row_id = 0;
  std::int64_t created_ms = ToMs(job.created_at);
  old_words_.clear();
  {
    const Run old(find_.On(db_));
    old->Bind(1, tenant.value());
    old->Bind(2, std::string_view(job.id.value()));
    const bool found = old->Step();
    assert(found);
    static_cast<void>(found);
    row_id = old->Int(0);
    if (!given.created) created_ms = old->Int(7);
    const bool same = old->Text(1) == job.title && old->Int(2) == static_cast<std::int64_t>(job.status) &&
                      HasContact(*old, 3, contact) && old->OptionalText(4) == job.address &&
                      old->OptionalInt(5) == ToMs(job.scheduled_at) && old->OptionalInt(6) == ToMs(job.completed_at) &&
                      old->Int(7) == created_ms && (!given.updated || old->Int(8) == ToMs(job.updated_at));
    if (same) return UpsertOutcome::kUnchanged;
    words_.AppendText(tenant, old->Text(1), old_words_);
  }
  {
    const Run run(update_.On(db_));
    run->Bind(1, row_id);
    run->Bind(2, std::string_view(job.title));
    run->Bind(3, static_cast<std::int64_t>(job.status));
    BindContact(*run, 4, contact);
    run->Bind(5, job.address);
    run->Bind(6, ToMs(job.scheduled_at));
    run->Bind(7, ToMs(job.completed_at));
    run->Bind(8, created_ms);
    run->Bind(9, ToMs(job.updated_at));
    run.Execute();
  }
  new_words_.clear();
  words_.AppendText(tenant, job.title, new_words_);
  search_.Replace(row_id, old_words_, new_words_);
  ledger_.Touch(tenant);
  return UpsertOutcome::kUpdated;
}

std::optional<model::Job> JobWriter::Find(const base::TenantId& tenant, const base::JobId& id) {
  const Run row(find_.On(db_));
  row->Bind(1, tenant.value());
  row->Bind(2, std::string_view(id.value()));
  if (!row->Step()) return std::nullopt;
  model::Job job;
  job.id = id;
  job.title = row->Text(1);
  job.status = static_cast<model::JobStatus>(row->Int(2));
  if (!row->IsNull(3)) job.contact_id.emplace(std::string(UuidText(row->Blob(3)).view()));
  if (const auto address = row->OptionalText(4)) job.address.emplace(*address);
  job.scheduled_at = ToTime(row->OptionalInt(5));
  job.completed_at = ToTime(row->OptionalInt(6));
  job.created_at = ToTime(row->Int(7));
  job.updated_at = ToTime(row->Int(8));
  return job;
}

base::Status JobWriter::Delete(const base::TenantId& tenant, const base::JobId& id) {
  std::int64_t row_id = 0;
  old_words_.clear();
  {
    const Run old(find_.On(db_));
    old->Bind(1, tenant.value());
    old->Bind(2, std::string_view(id.value()));
    if (!old->Step()) return base::Fail(base::ErrorCode::kNotFound, "Job not found");
    row_id = old->Int(0);
    words_.AppendText(tenant, old->Text(1), old_words_);
  }
  const Run run(delete_.On(db_));
  run->Bind(1, row_id);
  run.Execute();
  search_.Remove(row_id, old_words_);
  ledger_.RemoveJob(tenant);
  return {};
}

void JobWriter::ForgetContact(const base::TenantId& tenant, const base::ContactId& contact, base::WallTime now) {
  const std::optional<UuidBytes> bytes = ParseUuid(contact.value());
  if (!bytes) return;
  const Run run(forget_contact_.On(db_));
  run->Bind(1, tenant.value());
  run->Bind(2, std::span<const unsigned char>(*bytes));
  run->Bind(3, ToMs(now));
  run.Execute();
}

}  // namespace portal::store
