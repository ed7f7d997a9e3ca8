#pragma once

#include <array>
#include <string_view>

#include "base/result.h"
#include "blob/blob_store.h"
#include "store/database.h"

namespace portal::service {

/// A token that everybody knows, and whose it is: a client's id, or kDemoOperator.
struct DemoToken {
  std::string_view owner;
  std::string_view token;
};
inline constexpr std::string_view kDemoOperator = "admin";
inline constexpr std::array<DemoToken, 5> kDemoTokens = {{{"client_prod", "prod_token"},
                                                          {"client_load", "load_token"},
                                                          {"client_feed", "feed_token"},
                                                          {"client_globex", "different_tenant_token"},
                                                          {kDemoOperator, "admin_token"}}};

/// Gives a store the operator's well-known token and nothing else. Errors of the store.
base::Status SeedDemoOperator(store::Database& database);

/// Fills an empty store with what `--seed` promises (contract, "The demo data"): the same rows and bytes on
/// every run. One transaction. Tenants `acme` (clients `client_prod` and `client_load`) and `globex`
/// (`client_globex`), with the short tokens that exist nowhere else. Errors of the stores; kConflict when
/// the store already has one of these tenants.
base::Status SeedDemoData(store::Database& database, blob::BlobStore& blobs);

}  // namespace portal::service
