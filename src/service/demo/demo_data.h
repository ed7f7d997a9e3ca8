#pragma once

#include "base/result.h"
#include "blob/blob_store.h"
#include "store/database.h"

namespace portal::service {

/// Fills an empty store with what `--seed` promises (contract, "The demo data"): the same rows and bytes on
/// every run. One transaction. Tenants `acme` (clients `client_prod` and `client_load`) and `globex`
/// (`client_globex`), with the short tokens that exist nowhere else. Errors of the stores; kConflict when
/// the store already has one of these tenants.
base::Status SeedDemoData(store::Database& database, blob::BlobStore& blobs);

}  // namespace portal::service
