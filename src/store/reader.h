#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"
#include "store/contacts.h"
#include "store/files.h"
#include "store/jobs.h"
#include "store/tenants.h"
#include "store/walk.h"

namespace portal::store {

class AnchorCache;
class ReadConnection;

/// One worker's view of the store: its own connection with prepared statements, a snapshot at a time, a
/// time budget. Not thread-safe; one per worker.
class Reader {
 public:
  /// While it lives, everything read sees one state of the store. At most one at a time per reader.
  class Snapshot {
   public:
    explicit Snapshot(ReadConnection& connection) : connection_(&connection) {}
    Snapshot(Snapshot&& other) noexcept : connection_(std::exchange(other.connection_, nullptr)) {}
    Snapshot(const Snapshot&) = delete;
    ~Snapshot();

   private:
    ReadConnection* connection_;
  };

  /// While it lives, the reader is let through whatever the database's breaker says, and tells it nothing: for those
  /// who must get in to close it.
  class PastBreaker {
   public:
    explicit PastBreaker(Reader& reader);
    PastBreaker(const PastBreaker&) = delete;
    ~PastBreaker();

   private:
    ReadConnection& connection_;
  };

  Reader(ReadConnection& connection, AnchorCache& anchors);

  /// All reads: kCircuitOpen while the database's breaker lets nobody pass. A snapshot that has begun goes on.
  /// `bounded`: reads within this snapshot fail with kOverBudget once they took about two milliseconds.
  base::Result<Snapshot> Begin(bool bounded);

  /// Changes whenever another connection, of any process, has committed: what was cached before may be
  /// stale. Costs about a microsecond, needs no snapshot.
  base::Result<std::uint32_t> DataVersion();

  /// The hash of the bulk request that an Idempotency-Key belongs to; nullopt: it is free.
  base::Result<std::optional<std::array<unsigned char, 32>>> FindFeedRequest(const base::TenantId& tenant,
                                                                             std::string_view key);

  /// What the store remembers of itself under a name of store/notes.h; nullopt: nothing.
  base::Result<std::optional<std::string>> FindNote(std::string_view name);

  Contacts contacts;
  Jobs jobs;
  Files files;
  Tenants tenants;
  Walk walk;

 private:
  ReadConnection& connection_;
};

}  // namespace portal::store
