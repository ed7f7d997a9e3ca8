#include "store/tenant_writer.h"

#include <SQLiteCpp/Exception.h>
#include <sqlite3.h>

#include <utility>

#include "model/plain_text.h"
#include "store/column_values.h"
#include "store/notes.h"

namespace portal::store {
namespace {

using base::ErrorCode;

// A number is never given twice: an import that still runs for a purged tenant must not write into another one.
constexpr const char* kCreate =
    "INSERT INTO tenants (tenant_id, slug, name, bucket, created_at) VALUES (1 + max("
    "(SELECT ifnull(max(tenant_id), 0) FROM tenants), "
    "ifnull((SELECT CAST(value AS INTEGER) FROM meta WHERE name = 'last_purged_tenant'), 0)), ?1, ?2, ?3, ?4) "
    "ON CONFLICT DO NOTHING";
constexpr const char* kSlugTaken = "SELECT 1 FROM tenants WHERE slug = ?1";
// An absent value stays; whether the quota is one of them is said apart, since null lifts it.
constexpr const char* kChange =
    "UPDATE tenants SET name = ifnull(?2, name), suspended = ifnull(?3, suspended), "
    "quota_bytes = iif(?4, ?5, quota_bytes) WHERE tenant_id = ?1 AND deleted_at IS NULL";
// The short name and the bucket are free at once: no valid one begins with ~.
constexpr const char* kDelete =
    "UPDATE tenants SET deleted_at = ?2, suspended = 1, slug = '~' || tenant_id, bucket = '~' || tenant_id, name = '' "
    "WHERE tenant_id = ?1 AND deleted_at IS NULL";
constexpr const char* kDeleteTokens = "DELETE FROM tokens WHERE tenant_id = ?1";
constexpr const char* kDeleteClients = "DELETE FROM clients WHERE tenant_id = ?1";
constexpr const char* kDeleteFeedBatches = "DELETE FROM feed_batches WHERE tenant_id = ?1";
constexpr const char* kCreateClient =
    "INSERT INTO clients (tenant_id, client_id, name, revoked, created_at) VALUES (?1, ?2, ?3, ?4, ?5) "
    "ON CONFLICT DO NOTHING";
constexpr const char* kRevokeClient = "UPDATE clients SET revoked = 1 WHERE tenant_id = ?1 AND client_id = ?2";
constexpr const char* kDeleteTokensOf = "DELETE FROM tokens WHERE tenant_id = ?1 AND client_id = ?2";
constexpr const char* kDeleteClient = "DELETE FROM clients WHERE tenant_id = ?1 AND client_id = ?2";
constexpr const char* kClientRevoked = "SELECT revoked FROM clients WHERE tenant_id = ?1 AND client_id = ?2";
constexpr const char* kCreateToken =
    "INSERT INTO tokens (tenant_id, token_id, client_id, token_hash, label, created_at, expires_at, revoked_at, "
    "scopes) "
    "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT DO NOTHING";
constexpr const char* kCreateOperatorToken =
    "INSERT INTO operator_tokens (token_id, token_hash, label, scopes, created_at, expires_at) "
    "VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO NOTHING";
constexpr const char* kRevokeOperatorToken =
    "UPDATE operator_tokens SET revoked_at = ifnull(revoked_at, ?2) WHERE token_id = ?1";
constexpr const char* kNoteUse = "UPDATE tokens SET last_used_at = ?3 WHERE tenant_id = ?1 AND token_id = ?2";
constexpr const char* kNoteOperatorUse = "UPDATE operator_tokens SET last_used_at = ?2 WHERE token_id = ?1";
constexpr const char* kRevokeToken =
    "UPDATE tokens SET revoked_at = ifnull(revoked_at, ?3) WHERE tenant_id = ?1 AND token_id = ?2";

// Each policy's pair says whether it changes, and to what; null goes back to what holds without a budget.
#define PORTAL_BUDGETS                                                                           \
  "budget_health = iif(?3, ?4, budget_health), budget_contacts = iif(?5, ?6, budget_contacts), " \
  "budget_jobs = iif(?7, ?8, budget_jobs), budget_files = iif(?9, ?10, budget_files), "          \
  "budget_downloads = iif(?11, ?12, budget_downloads) "
constexpr const char* kSetTenantBudgets =
    "UPDATE tenants SET " PORTAL_BUDGETS "WHERE tenant_id = ?1 AND ?2 IS NULL AND deleted_at IS NULL";
constexpr const char* kSetClientBudgets =
    "UPDATE clients SET " PORTAL_BUDGETS "WHERE tenant_id = ?1 AND client_id = ?2";
#undef PORTAL_BUDGETS

/// kValidation names the policy.
base::Status BindBudgets(Statement& update, const model::BudgetChange& change) {
  int parameter = 3;
  for (std::size_t policy = 0; policy < model::kLimitPolicies; ++policy) {
    const auto& changed = change.of[policy];
    const std::optional<std::uint32_t> budget = changed.value_or(std::nullopt);
    if (budget && *budget > model::kMaxBudget) {
      return base::Fail(ErrorCode::kValidation, "budgets." + std::string(model::kLimitPolicyNames[policy]) + ": " +
                                                    std::to_string(*budget) + " is more than " +
                                                    std::to_string(model::kMaxBudget));
    }
    update.Bind(parameter++, std::int64_t{changed.has_value()});
    update.Bind(parameter++, budget ? std::optional<std::int64_t>(*budget) : std::nullopt);
  }
  return {};
}

bool IsForeignKeyFailure(const SQLite::Exception& exception) {
  return exception.getExtendedErrorCode() == SQLITE_CONSTRAINT_FOREIGNKEY;
}

/// The message does not repeat the name: what is wrong with it should not reach a terminal.
base::Status CheckDisplayName(std::string_view field, std::string_view name) {
  if (model::IsDisplayName(name)) return {};
  return base::Fail(ErrorCode::kValidation,
                    std::string(field) + ": must be 1 to 200 bytes of UTF-8 without control characters");
}

}  // namespace

base::Result<model::Tenant> TenantWriter::Create(std::string slug, std::string name, std::string bucket) {
  if (!model::IsTenantSlug(slug)) {
    return base::Fail(ErrorCode::kValidation, "slug: \"" + slug + "\" is not 1 to 40 of a-z, 0-9 and inner -");
  }
  if (!model::IsBucketName(bucket)) {
    return base::Fail(ErrorCode::kValidation, "bucket: \"" + bucket + "\" is not 1 to 64 of A-Z, a-z, 0-9, _, . and -");
  }
  if (auto good = CheckDisplayName("name", name); !good) return base::Fail(std::move(good.error()));
  model::Tenant tenant{.id = {},
                       .slug = std::move(slug),
                       .name = std::move(name),
                       .bucket = std::move(bucket),
                       .suspended = false,
                       .created_at = clock_.Wall()};
  Statement create(db_, kCreate);
  create.Bind(1, std::string_view(tenant.slug));
  create.Bind(2, std::string_view(tenant.name));
  create.Bind(3, std::string_view(tenant.bucket));
  create.Bind(4, ToMs(tenant.created_at));
  create.Step();
  if (sqlite3_changes(db_) == 0) {
    Statement slug_taken(db_, kSlugTaken);
    slug_taken.Bind(1, std::string_view(tenant.slug));
    return base::Fail(ErrorCode::kConflict, slug_taken.Step() ? "There is already a tenant \"" + tenant.slug + "\""
                                                              : "The bucket \"" + tenant.bucket + "\" is taken");
  }
  tenant.id = base::TenantId(sqlite3_last_insert_rowid(db_));
  return tenant;
}

std::string UnfinishedImportNote(const base::TenantId& tenant) {
  return "unfinished_import_" + std::to_string(tenant.value());
}

base::Status TenantWriter::Change(const base::TenantId& tenant, const model::TenantChange& change) {
  const std::string note = UnfinishedImportNote(tenant);
  if (change.importing && *change.importing) WriteNote(db_, note, std::to_string(ToMs(clock_.Wall())));
  if (change.importing && !*change.importing) RemoveNote(db_, note);
  if (change.suspended && !*change.suspended && ReadNote(db_, note)) {
    return base::Fail(ErrorCode::kConflict,
                      "This tenant's import has not come to its end, so that only a part of its rows and files is "
                      "there; if none is running, delete the tenant and import it again");
  }
  if (change.name) {
    if (auto good = CheckDisplayName("name", *change.name); !good) return good;
  }
  const std::optional<std::int64_t> quota = change.quota_bytes.value_or(std::nullopt);
  if (quota && *quota < 0) return base::Fail(ErrorCode::kValidation, "quota_bytes: must not be negative");
  Statement update(db_, kChange);
  update.Bind(1, tenant.value());
  update.Bind(2, change.name);
  update.Bind(3, change.suspended ? std::optional<std::int64_t>(*change.suspended) : std::nullopt);
  update.Bind(4, std::int64_t{change.quota_bytes.has_value()});
  update.Bind(5, quota);
  update.Step();
  if (sqlite3_changes(db_) == 0) return base::Fail(ErrorCode::kNotFound, "Tenant not found");
  ledger_.Touch(tenant);
  return {};
}

// Nothing that a client can read changes with its budgets: the revision stays, and so do all ETags.
base::Status TenantWriter::SetBudgets(const base::TenantId& tenant, const model::BudgetChange& change) {
  Statement update(db_, kSetTenantBudgets);
  update.Bind(1, tenant.value());
  update.BindNull(2);
  if (auto good = BindBudgets(update, change); !good) return good;
  update.Step();
  if (sqlite3_changes(db_) == 0) return base::Fail(ErrorCode::kNotFound, "Tenant not found");
  return {};
}

base::Status TenantWriter::SetBudgets(const base::TenantId& tenant, const base::ClientId& client,
                                      const model::BudgetChange& change) {
  Statement update(db_, kSetClientBudgets);
  update.Bind(1, tenant.value());
  update.Bind(2, std::string_view(client.value()));
  if (auto good = BindBudgets(update, change); !good) return good;
  update.Step();
  if (sqlite3_changes(db_) == 0) return base::Fail(ErrorCode::kNotFound, "Client not found");
  return {};
}

base::Status TenantWriter::Delete(const base::TenantId& tenant) {
  Statement mark(db_, kDelete);
  mark.Bind(1, tenant.value());
  mark.Bind(2, ToMs(clock_.Wall()));
  mark.Step();
  if (sqlite3_changes(db_) == 0) return base::Fail(ErrorCode::kNotFound, "Tenant not found");
  for (const char* sql : {kDeleteTokens, kDeleteClients, kDeleteFeedBatches}) {
    Statement remove(db_, sql);
    remove.Bind(1, tenant.value());
    remove.Step();
  }
  RemoveNote(db_, UnfinishedImportNote(tenant));
  ledger_.Forget(tenant);
  return {};
}

base::Status TenantWriter::CreateClient(const model::Client& client) {
  const std::string& id = client.id.value();
  if (!model::IsClientId(id)) {
    return base::Fail(ErrorCode::kValidation, "id: \"" + id + "\" is not 1 to 64 letters, digits, _, . or -");
  }
  if (auto good = CheckDisplayName("name", client.name); !good) return good;
  try {
    Statement create(db_, kCreateClient);
    create.Bind(1, client.tenant.value());
    create.Bind(2, std::string_view(id));
    create.Bind(3, std::string_view(client.name));
    create.Bind(4, std::int64_t{client.revoked});
    create.Bind(5, ToMs(client.created_at));
    create.Step();
  } catch (const SQLite::Exception& exception) {
    if (!IsForeignKeyFailure(exception)) throw;
    return base::Fail(ErrorCode::kNotFound, "Tenant not found");
  }
  if (sqlite3_changes(db_) == 0) return base::Fail(ErrorCode::kConflict, "The client id \"" + id + "\" is taken");
  ledger_.Touch(client.tenant);
  return {};
}

base::Status TenantWriter::RevokeClient(const base::TenantId& tenant, const base::ClientId& client) {
  Statement revoke(db_, kRevokeClient);
  revoke.Bind(1, tenant.value());
  revoke.Bind(2, std::string_view(client.value()));
  revoke.Step();
  if (sqlite3_changes(db_) == 0) return base::Fail(ErrorCode::kNotFound, "Client not found");
  ledger_.Touch(tenant);
  return {};
}

base::Status TenantWriter::DeleteClient(const base::TenantId& tenant, const base::ClientId& client) {
  for (const char* sql : {kDeleteTokensOf, kDeleteClient}) {
    Statement remove(db_, sql);
    remove.Bind(1, tenant.value());
    remove.Bind(2, std::string_view(client.value()));
    remove.Step();
  }
  if (sqlite3_changes(db_) == 0) return base::Fail(ErrorCode::kNotFound, "Client not found");
  ledger_.Touch(tenant);
  return {};
}

bool TenantWriter::IsRevoked(const base::TenantId& tenant, const base::ClientId& client) {
  Statement query(db_, kClientRevoked);
  query.Bind(1, tenant.value());
  query.Bind(2, std::string_view(client.value()));
  return query.Step() && query.Int(0) != 0;
}

base::Status TenantWriter::CreateToken(const base::TenantId& tenant, const model::Token& token,
                                       std::span<const unsigned char, 32> token_sha256) {
  if (!token.label.empty()) {
    if (auto good = CheckDisplayName("label", token.label); !good) return good;
  }
  if (token.scopes.empty() || !token.scopes.Within(model::kClientScopes)) {
    return base::Fail(ErrorCode::kValidation, "scopes: a client's token has read, write or both");
  }
  // Such a token would be born dead, and whoever got it would look for the fault elsewhere.
  if (IsRevoked(tenant, token.client)) {
    return base::Fail(ErrorCode::kConflict,
                      "The client " + token.client.value() + " is revoked for good; create another one for the token");
  }
  try {
    Statement create(db_, kCreateToken);
    create.Bind(1, tenant.value());
    create.Bind(2, std::string_view(token.id));
    create.Bind(3, std::string_view(token.client.value()));
    create.Bind(4, std::span<const unsigned char>(token_sha256));
    create.Bind(5, std::string_view(token.label));
    create.Bind(6, ToMs(token.created_at));
    create.Bind(7, ToMs(token.expires_at));
    create.Bind(8, ToMs(token.revoked_at));
    create.Bind(9, std::int64_t{token.scopes.bits()});
    create.Step();
  } catch (const SQLite::Exception& exception) {
    if (!IsForeignKeyFailure(exception)) throw;
    return base::Fail(ErrorCode::kNotFound, "Client not found");
  }
  if (sqlite3_changes(db_) == 0) return base::Fail(ErrorCode::kConflict, "This token already exists");
  ledger_.Touch(tenant);
  return {};
}

base::Status TenantWriter::RevokeToken(const base::TenantId& tenant, std::string_view token_id) {
  Statement revoke(db_, kRevokeToken);
  revoke.Bind(1, tenant.value());
  revoke.Bind(2, token_id);
  revoke.Bind(3, ToMs(clock_.Wall()));
  revoke.Step();
  if (sqlite3_changes(db_) == 0) return base::Fail(ErrorCode::kNotFound, "Token not found");
  ledger_.Touch(tenant);
  return {};
}

base::Status TenantWriter::CreateOperatorToken(const model::OperatorToken& token,
                                               std::span<const unsigned char, 32> token_sha256) {
  if (!token.label.empty()) {
    if (auto good = CheckDisplayName("label", token.label); !good) return good;
  }
  if (token.scopes.empty() || !token.scopes.Within(model::kOperatorScopes)) {
    return base::Fail(ErrorCode::kValidation, "scopes: an operator's token has admin, metrics or both");
  }
  Statement create(db_, kCreateOperatorToken);
  create.Bind(1, std::string_view(token.id));
  create.Bind(2, std::span<const unsigned char>(token_sha256));
  create.Bind(3, std::string_view(token.label));
  create.Bind(4, std::int64_t{token.scopes.bits()});
  create.Bind(5, ToMs(token.created_at));
  create.Bind(6, ToMs(token.expires_at));
  create.Step();
  if (sqlite3_changes(db_) == 0) return base::Fail(ErrorCode::kConflict, "This token already exists");
  return {};
}

base::Status TenantWriter::RevokeOperatorToken(std::string_view token_id) {
  Statement revoke(db_, kRevokeOperatorToken);
  revoke.Bind(1, token_id);
  revoke.Bind(2, ToMs(clock_.Wall()));
  revoke.Step();
  if (sqlite3_changes(db_) == 0) return base::Fail(ErrorCode::kNotFound, "Token not found");
  return {};
}

void TenantWriter::NoteTokenUse(const base::TenantId& tenant, std::string_view token_id, base::WallTime at) {
  Statement note(db_, kNoteUse);
  note.Bind(1, tenant.value());
  note.Bind(2, token_id);
  note.Bind(3, ToMs(at));
  note.Step();
}

void TenantWriter::NoteOperatorTokenUse(std::string_view token_id, base::WallTime at) {
  Statement note(db_, kNoteOperatorUse);
  note.Bind(1, token_id);
  note.Bind(2, ToMs(at));
  note.Step();
}

}  // namespace portal::store
