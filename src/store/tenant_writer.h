#pragma once

#include "base/clock.h"
#include "store/ledger.h"
#include "store/writer.h"

namespace portal::store {

/// The name of the note that there is of a tenant whose import has not come to its end.
std::string UnfinishedImportNote(const base::TenantId& tenant);

/// Writes tenants, clients and tokens within the connection's open transaction: rare, so nothing is kept
/// prepared. Throws SQLite::Exception. Not thread-safe.
class TenantWriter {
 public:
  TenantWriter(sqlite3* db, Ledger& ledger, const base::Clock& clock) : db_(db), ledger_(ledger), clock_(clock) {}

  base::Result<model::Tenant> Create(std::string slug, std::string name, std::string bucket);
  base::Status Change(const base::TenantId& tenant, const model::TenantChange& change);
  base::Status SetBudgets(const base::TenantId& tenant, const model::BudgetChange& change);
  base::Status Delete(const base::TenantId& tenant);
  base::Status CreateClient(const model::Client& client);
  base::Status RevokeClient(const base::TenantId& tenant, const base::ClientId& client);
  base::Status SetBudgets(const base::TenantId& tenant, const base::ClientId& client,
                          const model::BudgetChange& change);
  base::Status DeleteClient(const base::TenantId& tenant, const base::ClientId& client);
  base::Status CreateToken(const base::TenantId& tenant, const model::Token& token,
                           std::span<const unsigned char, 32> token_sha256);
  base::Status RevokeToken(const base::TenantId& tenant, std::string_view token_id);
  base::Status CreateOperatorToken(const model::OperatorToken& token, std::span<const unsigned char, 32> token_sha256);
  base::Status RevokeOperatorToken(std::string_view token_id);
  void NoteTokenUse(const base::TenantId& tenant, std::string_view token_id, base::WallTime at);
  void NoteOperatorTokenUse(std::string_view token_id, base::WallTime at);

 private:
  bool IsRevoked(const base::TenantId& tenant, const base::ClientId& client);

  sqlite3* db_;
  Ledger& ledger_;
  const base::Clock& clock_;
};

}  // namespace portal::store
