#include "store/walk.h"

#include <array>
#include <optional>
#include <string>

#include "store/column_values.h"
#include "store/read_connection.h"
#include "store/uuid_bytes.h"

namespace portal::store {
namespace {

constexpr const char* kContacts =
    "SELECT id, name, email, phone, company, address, created_at, updated_at "
    "FROM contacts WHERE tenant_id = ?1 AND id > ?2 ORDER BY id LIMIT ?3";
constexpr const char* kJobs =
    "SELECT id, title, status, contact_id, address, scheduled_at, completed_at, created_at, updated_at "
    "FROM jobs WHERE tenant_id = ?1 AND id > ?2 ORDER BY id LIMIT ?3";
constexpr const char* kFiles =
    "SELECT job_id, id, name, kind, content_type, size_bytes, sha256, created_at "
    "FROM files WHERE tenant_id = ?1 AND job_id > ?2 ORDER BY job_id, id";

// The empty blob sorts before every id. Its address matters: SQLite takes none for null.
constexpr std::array<unsigned char, 1> kBeforeAll{};

}  // namespace

Walk::Walk(ReadConnection& connection) : connection_(connection), contacts_(kContacts), jobs_(kJobs), files_(kFiles) {}

base::Result<bool> Walk::Contacts(const base::TenantId& tenant, base::ContactId& after, std::int64_t limit,
                                  ContactSink sink) {
  return connection_.Catch([&]() -> base::Result<bool> {
    const std::optional<UuidBytes> position = ParseUuid(after.value());
    std::int64_t given = 0;
    const Run run(contacts_.On(connection_.handle()));
    run->Bind(1, tenant.value());
    run->Bind(2, position ? std::span<const unsigned char>(*position) : std::span(kBeforeAll).first(0));
    run->Bind(3, limit);
    std::string last;
    while (run->Step()) {
      const UuidText id(run->Blob(0));
      sink({.id = id.view(),
            .name = run->Text(1),
            .email = run->OptionalText(2),
            .phone = run->OptionalText(3),
            .company = run->OptionalText(4),
            .address = run->OptionalText(5),
            .created_at = ToTime(run->Int(6)),
            .updated_at = ToTime(run->Int(7))});
      if (++given == limit) last = id.view();
    }
    if (given < limit) return false;
    after = base::ContactId(std::move(last));
    return true;
  });
}

base::Result<bool> Walk::Jobs(const base::TenantId& tenant, base::JobId& after, std::int64_t limit, JobSink sink) {
  return connection_.Catch([&]() -> base::Result<bool> {
    std::int64_t given = 0;
    const Run run(jobs_.On(connection_.handle()));
    run->Bind(1, tenant.value());
    run->Bind(2, std::string_view(after.value()));
    run->Bind(3, limit);
    std::string last;
    while (run->Step()) {
      std::optional<UuidText> contact;
      if (!run->IsNull(3)) contact.emplace(run->Blob(3));
      sink({.id = run->Text(0),
            .title = run->Text(1),
            .status = static_cast<model::JobStatus>(run->Int(2)),
            .contact_id = contact ? std::optional(contact->view()) : std::nullopt,
            .address = run->OptionalText(4),
            .scheduled_at = ToTime(run->OptionalInt(5)),
            .completed_at = ToTime(run->OptionalInt(6)),
            .created_at = ToTime(run->Int(7)),
            .updated_at = ToTime(run->Int(8))});
      if (++given == limit) last = run->Text(0);
    }
    if (given < limit) return false;
    after = base::JobId(std::move(last));
    return true;
  });
}

base::Result<bool> Walk::Files(const base::TenantId& tenant, base::JobId& after, std::int64_t limit, FileSink sink) {
  return connection_.Catch([&]() -> base::Result<bool> {
    std::int64_t given = 0;
    std::string job;
    {
      const Run run(files_.On(connection_.handle()));
      run->Bind(1, tenant.value());
      run->Bind(2, std::string_view(after.value()));
      while (run->Step()) {
        const std::string_view job_id = run->Text(0);
        if (job != job_id) {
          if (given >= limit) {
            after = base::JobId(std::move(job));
            return true;
          }
          job = job_id;
        }
        sink(job_id, {.id = run->Text(1),
                      .name = run->Text(2),
                      .kind = static_cast<model::FileKind>(run->Int(3)),
                      .content_type = run->Text(4),
                      .size_bytes = run->Int(5),
                      .sha256 = run->Blob(6).first<32>(),
                      .created_at = ToTime(run->Int(7))});
        ++given;
      }
    }
    return false;
  });
}

}  // namespace portal::store
