#pragma once

#include <limits>
#include <string>
#include <utility>

#include "model/page.h"
#include "store/list_reader.h"

namespace portal::store {

/// What a null time is sorted as: below every time.
inline constexpr std::int64_t kNullTimeOrder = std::numeric_limits<std::int64_t>::min();

/// The part of a page request that all lists have in common, but for the keyset's id, which each list
/// stores in its own way.
template <typename SortKey>
ListQuery ToListQuery(List list, const base::TenantId& tenant, const model::PageRequest<SortKey>& request) {
  ListQuery query;
  query.tenant = tenant;
  query.list = list;
  query.sort = static_cast<std::uint8_t>(request.sort);
  query.descending = request.direction == model::Direction::kDescending;
  query.limit = request.limit;
  query.start = request.start.kind;
  query.offset = request.start.offset;
  if (request.start.kind != model::PageStart::Kind::kOffset) {
    query.position.time = request.start.keyset.time_ms.value_or(kNullTimeOrder);
    query.position.text = request.start.keyset.text;
    query.position.id = request.start.keyset.id;
  }
  return query;
}

/// `id_text` turns a stored id into what clients see.
template <typename IdText>
model::PageInfo ToPageInfo(const ListQuery& query, ListReader::Page page, IdText id_text) {
  const bool by_text = SortsByText(query.list, query.sort);
  const auto keyset = [&](ListPosition& position) {
    model::Keyset result;
    if (!by_text && position.time != kNullTimeOrder) result.time_ms = position.time;
    result.text = std::move(position.text);
    result.id = id_text(std::move(position.id));
    return result;
  };
  model::PageInfo info;
  info.total = page.total;
  info.total_is_lower_bound = page.total_is_lower_bound;
  info.count = page.count;
  info.has_more = page.has_more;
  info.has_previous = page.has_previous;
  info.last_first = page.last_first;
  if (page.count > 0) {
    info.first = keyset(page.first);
    info.last = keyset(page.last);
  }
  return info;
}

}  // namespace portal::store
