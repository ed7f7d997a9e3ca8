#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "model/tenant.h"
#include "store/statement.h"

namespace portal::store {

class ReadConnection;

/// On whose behalf a token or a signed URL speaks.
struct AccessEntry {
  base::TenantId tenant;  ///< of an operator's token none: 0
  base::ClientId client;  ///< of an operator's token none: empty
  std::string token_id;   ///< of a signed URL none: empty
  model::Scopes scopes;
  bool usable = false;                       ///< nothing of token, client and tenant is revoked or suspended
  std::optional<base::WallTime> expires_at;  ///< of the token
  model::Budgets client_budgets{};
  model::Budgets tenant_budgets{};
};

/// What all tenants have together, those aside that are being deleted.
struct TenantTotals {
  std::int64_t tenants = 0;
  std::int64_t suspended = 0;  ///< of the tenants
  std::int64_t contacts = 0;
  std::int64_t jobs = 0;
  std::int64_t blob_bytes = 0;  ///< as model::Tenant::blob_bytes
};

/// Reads of tenants, their clients and tokens. Need no snapshot of their own. Not thread-safe.
class Tenants {
 public:
  explicit Tenants(ReadConnection& connection);

  /// Moves with every commit that changed something of this tenant. kNotFound when there is none.
  base::Result<std::int64_t> Revision(const base::TenantId& tenant);
  /// The bucket that this tenant's signed URLs name. kNotFound when there is no such tenant.
  base::Result<std::string> Bucket(const base::TenantId& tenant);

  /// nullopt: no such token was ever issued.
  base::Result<std::optional<AccessEntry>> FindToken(std::span<const unsigned char, 32> token_sha256);
  /// nullopt: no such client.
  base::Result<std::optional<AccessEntry>> FindClient(std::string_view client_id);

  /// nullopt: no such tenant, or it is being deleted.
  base::Result<std::optional<model::Tenant>> Find(const base::TenantId& tenant);
  base::Result<TenantTotals> Totals();
  /// Of all tenants' clients, revoked ones too, in no order.
  base::Result<std::vector<base::ClientId>> ClientIds();

  // Lists for the command line, by slug, id and creation.
  base::Result<std::vector<model::Tenant>> All();
  /// kNotFound names the slug.
  base::Result<model::Tenant> FindBySlug(std::string_view slug);
  base::Result<std::vector<model::Client>> Clients(const base::TenantId& tenant);
  base::Result<std::vector<model::Token>> Tokens(const base::TenantId& tenant);
  base::Result<std::vector<model::OperatorToken>> OperatorTokens();

 private:
  ReadConnection& connection_;
  LazyStatement revision_;
  LazyStatement bucket_;
  LazyStatement find_token_;
  LazyStatement find_client_;
};

}  // namespace portal::store
