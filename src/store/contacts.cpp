#include "store/contacts.h"

#include "store/column_values.h"
#include "store/page_query.h"
#include "store/read_connection.h"

namespace portal::store {
namespace {

constexpr const char* kTotals = "SELECT contacts_total, revision FROM tenants WHERE tenant_id = ?1";
constexpr const char* kExists = "SELECT 1 FROM contacts WHERE tenant_id = ?1 AND id = ?2";
// The columns of ListSql, in the same places.
constexpr const char* kFind =
    "SELECT NULL, id, name, email, phone, company, address, created_at, updated_at "
    "FROM contacts WHERE tenant_id = ?1 AND id = ?2";

void GiveRow(const Statement& row, Contacts::Sink sink) {
  const UuidText id(row.Blob(list_column::kId));
  sink({.id = id.view(),
        .name = row.Text(2),
        .email = row.OptionalText(3),
        .phone = row.OptionalText(4),
        .company = row.OptionalText(5),
        .address = row.OptionalText(6),
        .created_at = ToTime(row.Int(7)),
        .updated_at = ToTime(row.Int(8))});
}

std::string ToIdText(const std::string& stored) {
  const UuidText text({reinterpret_cast<const unsigned char*>(stored.data()), stored.size()});
  return std::string(text.view());
}

}  // namespace

Contacts::Contacts(ReadConnection& connection, AnchorCache& anchors)
    : connection_(connection), list_(connection, &anchors), totals_(kTotals), find_(kFind), exists_(kExists) {}

base::Result<model::PageInfo> Contacts::List(const base::TenantId& tenant, const model::ContactQuery& request,
                                             Sink sink) {
  return connection_.Catch([&]() -> base::Result<model::PageInfo> {
    ListQuery query = ToListQuery(store::List::kContacts, tenant, request);
    if (query.start != model::PageStart::Kind::kOffset) {
      const std::optional<UuidBytes> id = ParseUuid(query.position.id);
      if (!id) return base::Fail(base::ErrorCode::kValidation, "The cursor names no contact");
      query.position.id.assign(reinterpret_cast<const char*>(id->data()), id->size());
    }
    if (request.updated_since) query.updated_since = ToMs(*request.updated_since);
    if (request.search) {
      base::Result<std::string> match = connection_.words().PrefixQuery(tenant, *request.search);
      if (!match) return base::Fail(std::move(match.error()));
      if (match->empty()) return model::PageInfo{};  // no word, no row
      query.match = std::move(*match);
      query.by_prefix = true;
    }
    if (request.email) {
      query.email = *request.email;
      const std::string by_email = SearchWords::EmailQuery(tenant, *request.email);
      query.match = query.match ? by_email + " AND " + *query.match : by_email;
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

base::Status Contacts::Find(const base::TenantId& tenant, std::string_view id, Sink sink) {
  return connection_.Catch([&]() -> base::Status {
    const std::optional<UuidBytes> bytes = ParseUuid(id);
    if (!bytes) return base::Fail(base::ErrorCode::kNotFound, "Contact not found");
    const Run run(find_.On(connection_.handle()));
    run->Bind(1, tenant.value());
    run->Bind(2, std::span<const unsigned char>(*bytes));
    if (!run->Step()) return base::Fail(base::ErrorCode::kNotFound, "Contact not found");
    GiveRow(*run, sink);
    return {};
  });
}

base::Result<bool> Contacts::Exists(const base::TenantId& tenant, std::string_view id) {
  return connection_.Catch([&]() -> base::Result<bool> {
    const std::optional<UuidBytes> bytes = ParseUuid(id);
    if (!bytes) return false;
    const Run run(exists_.On(connection_.handle()));
    run->Bind(1, tenant.value());
    run->Bind(2, std::span<const unsigned char>(*bytes));
    return run->Step();
  });
}

}  // namespace portal::store
