#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/ids.h"
#include "store/feed_batch.h"
#include "store/statement.h"

namespace portal::store {

/// The batches of bulk requests, by Idempotency-Key, within the connection's open transaction. No tenant's revision
/// moves: nothing that a client can read changes. Throws SQLite::Exception. Not thread-safe.
class FeedBatches {
 public:
  explicit FeedBatches(sqlite3* db);

  std::optional<FeedBatch> Find(const base::TenantId& tenant, std::string_view key, std::int64_t number);
  /// REQUIRES: there is no batch of that number.
  void Keep(const base::TenantId& tenant, std::string_view key, std::int64_t number, const FeedBatch& batch);
  /// Forgets keys whose newest batch is from before `time`, each as a whole, until `enough` batches or more are gone:
  /// of half a key, a retry would write rows again that have changed since. Returns how many batches there were.
  std::int64_t Forget(base::WallTime time, std::int64_t enough);

 private:
  sqlite3* db_;
  LazyStatement find_;
  LazyStatement keep_;
  LazyStatement old_keys_;
  LazyStatement forget_;
};

}  // namespace portal::store
