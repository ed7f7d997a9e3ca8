#include "store/list_reader.h"

#include <algorithm>
#include <utility>

#include "store/read_connection.h"

namespace portal::store {
namespace {

// Up to here OFFSET may skip on the index where there are no anchors: cheaper than another thread.
constexpr std::int64_t kDirectOffset = 2'000;

// How many rows a list may have for an event loop to search it. FTS5 merges all postings of a prefix before
// it gives the first row, and that cannot be interrupted: about 150 ns a posting, one or more a row.
constexpr std::int64_t kMaxSearchedOnLoop = 10'000;

void CopyPosition(const Statement& row, bool by_text, ListPosition& out) {
  if (by_text) {
    out.text.assign(row.Text(list_column::kKey));
  } else {
    out.time = row.Int(list_column::kKey);
  }
  const auto id = row.Blob(list_column::kId);  // the bytes of a text id are the same
  out.id.assign(reinterpret_cast<const char*>(id.data()), id.size());
}

}  // namespace

base::Result<ListReader::Page> ListReader::Read(const ListQuery& query, RowSink sink) {
  if (connection_.bounded() && query.by_prefix && query.rows > kMaxSearchedOnLoop) {
    return base::Fail(base::ErrorCode::kOverBudget, "The read took too long", "a search of a long list");
  }
  Page page;
  const bool first_page = query.start == model::PageStart::Kind::kOffset && query.offset == 0;
  if (first_page && query.filtered()) {
    // Most filters find no more than a page of rows: those need not be found again to be counted.
    ReadForward(query, nullptr, 0, query.limit, sink, page);
    page.total = page.count;
    if (page.has_more) CountTotal(query, page);
    return page;
  }
  CountTotal(query, page);
  switch (query.start) {
    case model::PageStart::Kind::kOffset:
      if (base::Status read = ReadAt(query, sink, page); !read) return base::Fail(std::move(read.error()));
      break;
    case model::PageStart::Kind::kAfter: {
      ReadForward(query, &query.position, 0, query.limit, sink, page);
      ListPosition before;
      page.has_previous =
          page.count > 0 ? FindPosition(query, !query.descending, &page.first, 0, before) : page.total > 0;
      break;
    }
    case model::PageStart::Kind::kBefore:
      ReadBackward(query, sink, page);
      break;
  }
  return page;
}

Statement& ListReader::Prepared(const ListShape& shape) {
  const std::uint32_t number = shape.Number();
  const auto known = statements_.find(number);
  if (known != statements_.end()) return known->second;
  return statements_.emplace(number, Statement(connection_.handle(), ListSql(shape))).first->second;
}

Statement& ListReader::Prepare(const ListQuery& query, Purpose purpose, bool descending, const ListPosition* after) {
  std::optional<std::int64_t> updated_since = query.updated_since;
  if (after && updated_since && !descending) {
    // Both are lower bounds of one walk: the index can begin at one of them only, the higher.
    if (after->time >= *updated_since) {
      updated_since.reset();
    } else {
      after = nullptr;
    }
  }
  const bool by_text = SortsByText(query.list, query.sort);
  const bool blob_id = query.list == List::kContacts;
  Statement& statement = Prepared({.list = query.list,
                                   .sort = query.sort,
                                   .descending = descending,
                                   .purpose = purpose,
                                   .after = after != nullptr,
                                   .search = query.match.has_value(),
                                   .email = query.email.has_value(),
                                   .updated_since = updated_since.has_value(),
                                   .status = query.status.has_value(),
                                   .contact = query.contact.has_value(),
                                   .kind = query.kind.has_value()});
  statement.Bind(list_parameter::kTenant, query.tenant.value());
  if (after) {
    if (by_text) {
      statement.Bind(list_parameter::kKey, std::string_view(after->text));
    } else {
      statement.Bind(list_parameter::kKey, after->time);
    }
    if (blob_id) {
      statement.Bind(list_parameter::kId,
                     std::span(reinterpret_cast<const unsigned char*>(after->id.data()), after->id.size()));
    } else {
      statement.Bind(list_parameter::kId, std::string_view(after->id));
    }
  }
  if (query.match) statement.Bind(list_parameter::kMatch, std::string_view(*query.match));
  if (query.email) statement.Bind(list_parameter::kEmail, *query.email);
  if (updated_since) statement.Bind(list_parameter::kUpdatedSince, *updated_since);
  if (query.status) statement.Bind(list_parameter::kStatus, *query.status);
  if (query.contact) statement.Bind(list_parameter::kContact, std::span<const unsigned char>(*query.contact));
  if (query.kind) statement.Bind(list_parameter::kKind, *query.kind);
  if (query.list == List::kFiles) statement.Bind(list_parameter::kJob, query.job);
  return statement;
}

void ListReader::CountTotal(const ListQuery& query, Page& page) {
  if (!query.filtered()) {
    page.total = query.rows;
    return;
  }
  const Run run(Prepare(query, Purpose::kCount, false, nullptr));
  run->Step();
  page.total = run->Int(0);
  if (page.total > model::kMaxExactTotal) {
    page.total = model::kMaxExactTotal;
    page.total_is_lower_bound = true;
  }
}

base::Status ListReader::ReadAt(const ListQuery& query, RowSink sink, Page& page) {
  page.has_previous = query.offset > 0 && page.total > 0;
  if (query.offset >= page.total && !page.total_is_lower_bound) return {};

  std::shared_ptr<const Anchors> anchors;
  const AnchorCache::Key key{query.tenant, query.list, query.sort};
  const bool may_use_anchors = anchors_ && !query.filtered() && query.offset >= Anchors::kStride;
  if (may_use_anchors) anchors = anchors_->Find(key, query.revision);
  if (!anchors && (!may_use_anchors || query.offset <= kDirectOffset)) {
    ReadForward(query, nullptr, query.offset, query.limit, sink, page);
    return {};
  }
  if (!anchors) {
    if (connection_.bounded()) {
      return base::Fail(base::ErrorCode::kOverBudget, "The read took too long", "a deep offset without anchors");
    }
    anchors = BuildAnchors(query);
    anchors_->Put(key, anchors);
  }
  if (!query.descending) {
    const Anchors::Start start = anchors->Find(query.offset);
    ReadForward(query, start.position, start.skip, query.limit, sink, page);
    return {};
  }
  const std::int64_t end = query.rows - query.offset;  // of the page, in ascending offsets
  const std::int64_t begin = std::max<std::int64_t>(0, end - query.limit);
  const Anchors::Start start = anchors->Find(begin);
  ReadUpwards(query, start.position, start.skip, end - begin, sink, page);
  page.has_more = begin > 0;
  return {};
}

void ListReader::ReadForward(const ListQuery& query, const ListPosition* after, std::int64_t skip, std::int64_t limit,
                             RowSink sink, Page& page) {
  ListPosition below;
  if (query.descending && !query.filtered() && FindPosition(query, true, after, skip + limit, below)) {
    ReadUpwards(query, &below, 0, limit, sink, page);
    page.has_more = true;
    return;
  }
  const bool by_text = SortsByText(query.list, query.sort);
  const Run run(Prepare(query, Purpose::kRows, query.descending, after));
  run->Bind(list_parameter::kLimit, limit + 1);  // the one more tells whether there is more
  run->Bind(list_parameter::kOffset, skip);
  while (run->Step()) {
    if (page.count == limit) {
      page.has_more = true;
      return;
    }
    CopyPosition(*run, by_text, page.last);
    if (page.count == 0) page.first = page.last;
    sink(*run);
    ++page.count;
  }
}

void ListReader::ReadUpwards(const ListQuery& query, const ListPosition* below, std::int64_t skip, std::int64_t count,
                             RowSink sink, Page& page) {
  const bool by_text = SortsByText(query.list, query.sort);
  page.last_first = true;
  const Run run(Prepare(query, Purpose::kRows, false, below));
  run->Bind(list_parameter::kLimit, count);
  run->Bind(list_parameter::kOffset, skip);
  while (run->Step()) {
    if (page.count == 0) CopyPosition(*run, by_text, page.last);
    if (page.count == count - 1) CopyPosition(*run, by_text, page.first);
    sink(*run);
    ++page.count;
  }
}

void ListReader::ReadBackward(const ListQuery& query, RowSink sink, Page& page) {
  const bool by_text = SortsByText(query.list, query.sort);
  ListPosition before_first;
  std::int64_t found = 0;
  {
    const Run run(Prepare(query, Purpose::kKeys, !query.descending, &query.position));
    run->Bind(list_parameter::kLimit, query.limit + 1);
    run->Bind(list_parameter::kOffset, std::int64_t{0});
    while (run->Step()) {
      if (found == query.limit) {
        page.has_previous = true;
        CopyPosition(*run, by_text, before_first);
        break;
      }
      ++found;
    }
  }
  ReadForward(query, page.has_previous ? &before_first : nullptr, 0, found, sink, page);
}

bool ListReader::FindPosition(const ListQuery& query, bool descending, const ListPosition* after, std::int64_t skip,
                              ListPosition& out) {
  const Run run(Prepare(query, Purpose::kKeys, descending, after));
  run->Bind(list_parameter::kLimit, std::int64_t{1});
  run->Bind(list_parameter::kOffset, skip);
  if (!run->Step()) return false;
  CopyPosition(*run, SortsByText(query.list, query.sort), out);
  return true;
}

std::shared_ptr<const Anchors> ListReader::BuildAnchors(const ListQuery& query) {
  auto anchors = std::make_shared<Anchors>();
  anchors->revision = query.revision;
  anchors->rows = query.rows;
  anchors->positions.reserve(static_cast<std::size_t>(query.rows / Anchors::kStride));
  while (true) {
    const ListPosition* last = anchors->positions.empty() ? nullptr : &anchors->positions.back();
    ListPosition next;
    if (!FindPosition(query, false, last, Anchors::kStride - 1, next)) return anchors;
    anchors->positions.push_back(std::move(next));
  }
}

}  // namespace portal::store
