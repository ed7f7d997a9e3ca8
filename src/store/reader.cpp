#include "store/reader.h"

#include "store/feed_batches.h"
#include "store/notes.h"
#include "store/read_connection.h"

namespace portal::store {

Reader::Snapshot::~Snapshot() {
  if (connection_) connection_->End();
}

Reader::PastBreaker::PastBreaker(Reader& reader) : connection_(reader.connection_) { connection_.set_unguarded(true); }

Reader::PastBreaker::~PastBreaker() { connection_.set_unguarded(false); }

Reader::Reader(ReadConnection& connection, AnchorCache& anchors)
    : contacts(connection, anchors),
      jobs(connection, anchors),
      files(connection),
      tenants(connection),
      walk(connection),
      connection_(connection) {}

base::Result<Reader::Snapshot> Reader::Begin(bool bounded) {
  if (base::Status begun = connection_.Begin(bounded); !begun) return base::Fail(std::move(begun).error());
  return Snapshot(connection_);
}

base::Result<std::uint32_t> Reader::DataVersion() { return connection_.DataVersion(); }

base::Result<std::optional<std::array<unsigned char, 32>>> Reader::FindFeedRequest(const base::TenantId& tenant,
                                                                                   std::string_view key) {
  return connection_.Catch([&]() -> base::Result<std::optional<std::array<unsigned char, 32>>> {
    const auto first = FeedBatches(connection_.handle()).Find(tenant, key, 0);
    if (!first) return std::nullopt;
    return first->request_hash;
  });
}

base::Result<std::optional<std::string>> Reader::FindNote(std::string_view name) {
  return connection_.Catch(
      [&]() -> base::Result<std::optional<std::string>> { return ReadNote(connection_.handle(), name); });
}

}  // namespace portal::store
