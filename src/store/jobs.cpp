#include "store/jobs.h"

#include "store/column_values.h"
#include "store/page_query.h"
#include "store/read_connection.h"

namespace portal::store {
namespace {

constexpr const char* kTotals = "SELECT jobs_total, revision FROM tenants WHERE tenant_id = ?1";
constexpr const char* kExists = "SELECT 1 FROM jobs WHERE tenant_id = ?1 AND id = ?2";
// The columns of ListSql, in the same places.
constexpr const char* kFind =
    "SELECT NULL, id, title, status, contact_id, address, scheduled_at, completed_at, created_at, updated_at "
    "FROM jobs WHERE tenant_id = ?1 AND id = ?2";

void GiveRow(const Statement& row, Jobs::Sink sink) {
  std::optional<UuidText> contact;
  if (!row.IsNull(4)) contact.emplace(row.Blob(4));
  sink({.id = row.Text(list_column::kId),
        .title = row.Text(2),
        .status = static_cast<model::JobStatus>(row.Int(3)),
        .contact_id = contact ? std::optional(contact->view()) : std::nullopt,
        .address = row.OptionalText(5),
        .scheduled_at = ToTime(row.OptionalInt(6)),
        .completed_at = ToTime(row.OptionalInt(7)),
        .created_at = ToTime(row.Int(8)),
        .updated_at = ToTime(row.Int(9))});
}

std::string ToIdText(std::string stored) { return stored; }

}  // namespace

Jobs::Jobs(ReadConnection& connection, AnchorCache& anchors)
    : connection_(connection), list_(connection, &anchors), totals_(kTotals), find_(kFind), exists_(kExists) {}

base::Result<model::PageInfo> Jobs::List(const base::TenantId& tenant, const model::JobQuery& request, Sink sink) {
  return connection_.Catch([&]() -> base::Result<model::PageInfo> {
    ListQuery query = ToListQuery(store::List::kJobs, tenant, request);
    if (request.updated_since) query.updated_since = ToMs(*request.updated_since);
    if (request.status) query.status = static_cast<std::int64_t>(*request.status);
    if (request.contact_id) {
      query.contact = ParseUuid(request.contact_id->value());
      if (!query.contact) return model::PageInfo{};  // no contact, no jobs
    }
    if (request.search) {
      base::Result<std::string> match = connection_.words().PrefixQuery(tenant, *request.search);
      if (!match) return base::Fail(std::move(match.error()));
      if (match->empty()) return model::PageInfo{};  // no word, no row
      query.match = std::move(*match);
      query.by_prefix = true;
    }
    {
      const Run totals(totals_.On(connection_.handle()));
      totals->Bind(1, tenant.value());
      if (!totals->Step()) return model::PageInfo{};
      query.rows = totals->Int(0);
      query.revision = totals->Int(1);
    }
    base::Result<ListReader::Page> page = list_.Read(query, [&](const Statement& row) { GiveRow(row, sink); });
    if (!page) return base::Fail(std::move(page.error()));
    return ToPageInfo(query, std::move(*page), ToIdText);
  });
}

base::Status Jobs::Find(const base::TenantId& tenant, std::string_view id, Sink sink) {
  return connection_.Catch([&]() -> base::Status {
    const Run run(find_.On(connection_.handle()));
    run->Bind(1, tenant.value());
    run->Bind(2, id);
    if (!run->Step()) return base::Fail(base::ErrorCode::kNotFound, "Job not found");
    GiveRow(*run, sink);
    return {};
  });
}

base::Result<bool> Jobs::Exists(const base::TenantId& tenant, std::string_view id) {
  return connection_.Catch([&]() -> base::Result<bool> {
    const Run run(exists_.On(connection_.handle()));
    run->Bind(1, tenant.value());
    run->Bind(2, id);
    return run->Step();
  });
}

}  // namespace portal::store
