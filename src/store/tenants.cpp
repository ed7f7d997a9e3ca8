#include "store/tenants.h"

#include "store/column_values.h"
#include "store/read_connection.h"

namespace portal::store {
namespace {

constexpr const char* kRevision = "SELECT revision FROM tenants WHERE tenant_id = ?1";
constexpr const char* kBucket = "SELECT bucket FROM tenants WHERE tenant_id = ?1";
constexpr const char* kFindToken =
    "SELECT k.tenant_id, k.client_id, k.revoked_at IS NULL AND c.revoked = 0 AND t.suspended = 0, k.expires_at, "
    "k.token_id, k.scopes, c.budget_health, c.budget_contacts, c.budget_jobs, c.budget_files, c.budget_downloads, "
    "t.budget_health, t.budget_contacts, t.budget_jobs, t.budget_files, t.budget_downloads "
    "FROM tokens AS k JOIN clients AS c ON c.tenant_id = k.tenant_id AND c.client_id = k.client_id "
    "JOIN tenants AS t ON t.tenant_id = k.tenant_id WHERE k.token_hash = ?1 "
    "UNION ALL SELECT 0, '', revoked_at IS NULL, expires_at, token_id, scopes, NULL, NULL, NULL, NULL, NULL, NULL, "
    "NULL, "
    "NULL, NULL, NULL "
    "FROM operator_tokens WHERE token_hash = ?1";
constexpr const char* kFindClient =
    "SELECT c.tenant_id, c.client_id, c.revoked = 0 AND t.suspended = 0, NULL, '', 1, "
    "c.budget_health, c.budget_contacts, c.budget_jobs, c.budget_files, c.budget_downloads, "
    "t.budget_health, t.budget_contacts, t.budget_jobs, t.budget_files, t.budget_downloads "
    "FROM clients AS c JOIN tenants AS t ON t.tenant_id = c.tenant_id WHERE c.client_id = ?1";
constexpr const char* kTotals =
    "SELECT count(*), coalesce(sum(suspended), 0), coalesce(sum(contacts_total), 0), coalesce(sum(jobs_total), 0), "
    "coalesce(sum(blob_bytes), 0) FROM tenants WHERE deleted_at IS NULL";
constexpr const char* kClientIds = "SELECT client_id FROM clients";
constexpr const char* kClients =
    "SELECT client_id, name, revoked, created_at, budget_health, budget_contacts, budget_jobs, budget_files, "
    "budget_downloads FROM clients WHERE tenant_id = ?1 ORDER BY client_id";
constexpr const char* kTokens =
    "SELECT token_id, client_id, label, created_at, expires_at, revoked_at, scopes, last_used_at FROM tokens "
    "WHERE tenant_id = ?1 ORDER BY created_at, token_id";
constexpr const char* kOperatorTokens =
    "SELECT token_id, label, scopes, created_at, expires_at, revoked_at, last_used_at FROM operator_tokens "
    "ORDER BY created_at, token_id";

/// Tenants that are not being deleted, as ToTenant reads them.
std::string SelectTenants(std::string_view rest) {
  return "SELECT tenant_id, slug, name, bucket, suspended, created_at, contacts_total, jobs_total, blob_bytes, "
         "quota_bytes, budget_health, budget_contacts, budget_jobs, budget_files, budget_downloads FROM tenants "
         "WHERE deleted_at IS NULL " +
         std::string(rest);
}

/// Five columns from `first` on, in the order of model::LimitPolicy.
model::Budgets ToBudgets(const Statement& row, int first) {
  model::Budgets budgets;
  for (std::size_t policy = 0; policy < model::kLimitPolicies; ++policy) {
    const auto value = row.OptionalInt(first + static_cast<int>(policy));
    if (value) budgets.Set(static_cast<model::LimitPolicy>(policy), static_cast<std::uint32_t>(*value));
  }
  return budgets;
}

model::Scopes ToScopes(std::int64_t bits) { return model::Scopes(static_cast<std::uint8_t>(bits)); }

model::Tenant ToTenant(const Statement& row) {
  return {.id = base::TenantId(row.Int(0)),
          .slug = std::string(row.Text(1)),
          .name = std::string(row.Text(2)),
          .bucket = std::string(row.Text(3)),
          .suspended = row.Int(4) != 0,
          .created_at = ToTime(row.Int(5)),
          .contacts = row.Int(6),
          .jobs = row.Int(7),
          .blob_bytes = row.Int(8),
          .quota_bytes = row.OptionalInt(9),
          .budgets = ToBudgets(row, 10)};
}

std::optional<AccessEntry> ToAccessEntry(Statement& query) {
  if (!query.Step()) return std::nullopt;
  return AccessEntry{.tenant = base::TenantId(query.Int(0)),
                     .client = base::ClientId(std::string(query.Text(1))),
                     .token_id = std::string(query.Text(4)),
                     .scopes = ToScopes(query.Int(5)),
                     .usable = query.Int(2) != 0,
                     .expires_at = ToTime(query.OptionalInt(3)),
                     .client_budgets = ToBudgets(query, 6),
                     .tenant_budgets = ToBudgets(query, 11)};
}

}  // namespace

Tenants::Tenants(ReadConnection& connection)
    : connection_(connection),
      revision_(kRevision),
      bucket_(kBucket),
      find_token_(kFindToken),
      find_client_(kFindClient) {}

base::Result<std::int64_t> Tenants::Revision(const base::TenantId& tenant) {
  return connection_.Catch([&]() -> base::Result<std::int64_t> {
    const Run run(revision_.On(connection_.handle()));
    run->Bind(1, tenant.value());
    if (!run->Step()) return base::Fail(base::ErrorCode::kNotFound, "Tenant not found");
    return run->Int(0);
  });
}

base::Result<std::string> Tenants::Bucket(const base::TenantId& tenant) {
  return connection_.Catch([&]() -> base::Result<std::string> {
    const Run run(bucket_.On(connection_.handle()));
    run->Bind(1, tenant.value());
    if (!run->Step()) return base::Fail(base::ErrorCode::kNotFound, "Tenant not found");
    return std::string(run->Text(0));
  });
}

base::Result<std::optional<AccessEntry>> Tenants::FindToken(std::span<const unsigned char, 32> token_sha256) {
  return connection_.Catch([&]() -> base::Result<std::optional<AccessEntry>> {
    const Run run(find_token_.On(connection_.handle()));
    run->Bind(1, std::span<const unsigned char>(token_sha256));
    return ToAccessEntry(*run);
  });
}

base::Result<std::optional<AccessEntry>> Tenants::FindClient(std::string_view client_id) {
  return connection_.Catch([&]() -> base::Result<std::optional<AccessEntry>> {
    const Run run(find_client_.On(connection_.handle()));
    run->Bind(1, client_id);
    return ToAccessEntry(*run);
  });
}

base::Result<std::optional<model::Tenant>> Tenants::Find(const base::TenantId& tenant) {
  return connection_.Catch([&]() -> base::Result<std::optional<model::Tenant>> {
    Statement query(connection_.handle(), SelectTenants("AND tenant_id = ?1"));
    query.Bind(1, tenant.value());
    if (!query.Step()) return std::nullopt;
    return ToTenant(query);
  });
}

base::Result<TenantTotals> Tenants::Totals() {
  return connection_.Catch([&]() -> base::Result<TenantTotals> {
    Statement query(connection_.handle(), kTotals);
    query.Step();
    return TenantTotals{.tenants = query.Int(0),
                        .suspended = query.Int(1),
                        .contacts = query.Int(2),
                        .jobs = query.Int(3),
                        .blob_bytes = query.Int(4)};
  });
}

base::Result<std::vector<base::ClientId>> Tenants::ClientIds() {
  return connection_.Catch([&]() -> base::Result<std::vector<base::ClientId>> {
    Statement query(connection_.handle(), kClientIds);
    std::vector<base::ClientId> ids;
    while (query.Step()) ids.emplace_back(std::string(query.Text(0)));
    return ids;
  });
}

base::Result<std::vector<model::Tenant>> Tenants::All() {
  return connection_.Catch([&]() -> base::Result<std::vector<model::Tenant>> {
    Statement query(connection_.handle(), SelectTenants("ORDER BY slug"));
    std::vector<model::Tenant> tenants;
    while (query.Step()) tenants.push_back(ToTenant(query));
    return tenants;
  });
}

base::Result<model::Tenant> Tenants::FindBySlug(std::string_view slug) {
  return connection_.Catch([&]() -> base::Result<model::Tenant> {
    Statement query(connection_.handle(), SelectTenants("AND slug = ?1"));
    query.Bind(1, slug);
    if (!query.Step()) {
      return base::Fail(base::ErrorCode::kNotFound, "There is no tenant \"" + std::string(slug) + "\"");
    }
    return ToTenant(query);
  });
}

base::Result<std::vector<model::Client>> Tenants::Clients(const base::TenantId& tenant) {
  return connection_.Catch([&]() -> base::Result<std::vector<model::Client>> {
    Statement query(connection_.handle(), kClients);
    query.Bind(1, tenant.value());
    std::vector<model::Client> clients;
    while (query.Step()) {
      clients.push_back({.id = base::ClientId(std::string(query.Text(0))),
                         .tenant = tenant,
                         .name = std::string(query.Text(1)),
                         .revoked = query.Int(2) != 0,
                         .created_at = ToTime(query.Int(3)),
                         .budgets = ToBudgets(query, 4)});
    }
    return clients;
  });
}

base::Result<std::vector<model::Token>> Tenants::Tokens(const base::TenantId& tenant) {
  return connection_.Catch([&]() -> base::Result<std::vector<model::Token>> {
    Statement query(connection_.handle(), kTokens);
    query.Bind(1, tenant.value());
    std::vector<model::Token> tokens;
    while (query.Step()) {
      tokens.push_back({.id = std::string(query.Text(0)),
                        .client = base::ClientId(std::string(query.Text(1))),
                        .label = std::string(query.Text(2)),
                        .created_at = ToTime(query.Int(3)),
                        .expires_at = ToTime(query.OptionalInt(4)),
                        .revoked_at = ToTime(query.OptionalInt(5)),
                        .scopes = ToScopes(query.Int(6)),
                        .last_used_at = ToTime(query.OptionalInt(7))});
    }
    return tokens;
  });
}

base::Result<std::vector<model::OperatorToken>> Tenants::OperatorTokens() {
  return connection_.Catch([&]() -> base::Result<std::vector<model::OperatorToken>> {
    Statement query(connection_.handle(), kOperatorTokens);
    std::vector<model::OperatorToken> tokens;
    while (query.Step()) {
      tokens.push_back({.id = std::string(query.Text(0)),
                        .label = std::string(query.Text(1)),
                        .scopes = ToScopes(query.Int(2)),
                        .created_at = ToTime(query.Int(3)),
                        .expires_at = ToTime(query.OptionalInt(4)),
                        .revoked_at = ToTime(query.OptionalInt(5)),
                        .last_used_at = ToTime(query.OptionalInt(6))});
    }
    return tokens;
  });
}

}  // namespace portal::store
