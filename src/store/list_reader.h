#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/function_ref.h"
#include "base/ids.h"
#include "base/result.h"
#include "model/page.h"
#include "store/anchor_cache.h"
#include "store/list_sql.h"
#include "store/statement.h"
#include "store/uuid_bytes.h"

namespace portal::store {

class ReadConnection;

/// A page of any list, in the database's terms. Views must outlive the read.
struct ListQuery {
  base::TenantId tenant;
  List list = List::kContacts;
  std::uint8_t sort = 0;
  bool descending = false;
  std::int64_t limit = 0;
  model::PageStart::Kind start = model::PageStart::Kind::kOffset;
  std::int64_t offset = 0;  ///< kOffset
  ListPosition position;    ///< kAfter, kBefore

  std::optional<std::string> match;  ///< FTS5 expression
  bool by_prefix = false;            ///< `match` has prefixes, and takes as long as they have postings
  std::optional<std::string_view> email;
  std::optional<std::int64_t> updated_since;
  std::optional<std::int64_t> status;
  std::optional<UuidBytes> contact;
  std::optional<std::int64_t> kind;
  std::string_view job;  ///< files

  std::int64_t rows = 0;      ///< in the list without its filters, from a counter
  std::int64_t revision = 0;  ///< of the tenant, read in the same snapshot

  bool filtered() const { return match || email || updated_since || status || contact || kind; }
};

/// Reads pages of lists on one connection: totals, offsets, keysets in both directions. Skips on indexes only, and
/// never keeps more than the positions of two rows. Rows stand in their table mostly as they were created, and the next
/// one there costs SQLite a third of any other: descending pages are read upwards where that can be, last row first.
class ListReader {
 public:
  /// Gets each row with the list's own columns from list_column::kFirst on.
  using RowSink = base::FunctionRef<void(const Statement&)>;

  ListReader(ReadConnection& connection, AnchorCache* anchors) : connection_(connection), anchors_(anchors) {}

  /// What a page says but for its `first` and `last`, which are given as positions.
  struct Page {
    std::int64_t total = 0;
    bool total_is_lower_bound = false;
    std::int64_t count = 0;
    bool has_more = false;
    bool has_previous = false;
    bool last_first = false;  ///< the sink got the rows against the reading order
    ListPosition first;
    ListPosition last;
  };

  /// kOverBudget; throws SQLite::Exception.
  base::Result<Page> Read(const ListQuery& query, RowSink sink);

 private:
  using Purpose = ListShape::Purpose;

  Statement& Prepared(const ListShape& shape);
  /// Binds all that `query` filters by, and begins behind `after` if there is one. `descending` is the
  /// direction of the walk, which is against the query's when it goes back.
  Statement& Prepare(const ListQuery& query, Purpose purpose, bool descending, const ListPosition* after);
  void CountTotal(const ListQuery& query, Page& page);
  /// The page of `limit` rows that begins `skip` rows behind `after`.
  void ReadForward(const ListQuery& query, const ListPosition* after, std::int64_t skip, std::int64_t limit,
                   RowSink sink, Page& page);
  /// The page of a descending query that has `count` rows, all of which are there: they begin, upwards, `skip` rows
  /// behind `below`.
  void ReadUpwards(const ListQuery& query, const ListPosition* below, std::int64_t skip, std::int64_t count,
                   RowSink sink, Page& page);
  /// Steps over `skip` rows, without looking at their table, to where the next one stands; false: there is none.
  bool FindPosition(const ListQuery& query, bool descending, const ListPosition* after, std::int64_t skip,
                    ListPosition& out);
  void ReadBackward(const ListQuery& query, RowSink sink, Page& page);
  base::Status ReadAt(const ListQuery& query, RowSink sink, Page& page);
  std::shared_ptr<const Anchors> BuildAnchors(const ListQuery& query);

  ReadConnection& connection_;
  AnchorCache* anchors_;  // null: lists too short to need them
  std::unordered_map<std::uint32_t, Statement> statements_;
};

}  // namespace portal::store
