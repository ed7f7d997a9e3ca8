#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "api/context.h"
#include "api/parameters.h"
#include "base/result.h"
#include "base/time_text.h"
#include "http/request.h"
#include "http/response.h"
#include "model/page.h"

namespace portal::api {

/// Bounds what a search carries into its links: four of them must fit a client's header buffer.
inline constexpr std::size_t kMaxSearchBytes = 256;

/// What a list's Link header and cursors need to know of the request beside the store's query.
struct PageAddress {
  std::string scope;    ///< binds cursors to this tenant's list with these filters in this order
  std::string carried;  ///< filters and sort, percent-encoded, `a=b&c=d&` or empty
  std::int64_t limit = 0;
  model::PageStart start;
};

/// Reads `limit`, `offset` and `cursor`, and remembers what else the page's links must carry.
class PageAddressReader {
 public:
  PageAddressReader(const http::Request& request, Parameters& parameters);

  /// Notes a filter or sort, as it will be repeated in links.
  void Carry(std::string_view name, std::string_view value);

  /// Last, since a cursor is bound to all that was carried.
  PageAddress Read(const Cursors& cursors);

 private:
  const http::Request& request_;
  Parameters& parameters_;
  PageAddress address_;
};

/// Reads `sort`: one of `names`, with `-` for descending; absent means the default `-created_at`.
template <typename SortKey>
void ReadSort(Parameters& parameters, PageAddressReader& address, std::span<const std::string_view> names,
              model::PageRequest<SortKey>& request) {
  std::vector<std::string> both;
  for (const std::string_view name : names) {
    both.emplace_back(name);
    both.push_back("-" + std::string(name));
  }
  const std::vector<std::string_view> choices(both.begin(), both.end());
  if (const auto choice = parameters.OneOf("sort", choices)) {
    request.sort = static_cast<SortKey>(*choice / 2);
    request.direction = *choice % 2 == 0 ? model::Direction::kAscending : model::Direction::kDescending;
    address.Carry("sort", choices[*choice]);
  }
}

/// Reads `updated_since`, which sorts by `updated_at`: upwards unless `sort` says otherwise.
template <typename SortKey>
std::optional<base::WallTime> ReadUpdatedSince(Parameters& parameters, PageAddressReader& address,
                                               SortKey by_updated_at, model::PageRequest<SortKey>& request) {
  const auto since = parameters.Time("updated_since");
  if (!since) return std::nullopt;
  if (!parameters.Has("sort")) {
    request.sort = by_updated_at;
    request.direction = model::Direction::kAscending;
  } else if (request.sort != by_updated_at) {
    parameters.Refuse("sort", "updated_since sorts by updated_at; use sort=updated_at or sort=-updated_at");
  }
  address.Carry("updated_since", base::FormatRfc3339(*since));
  return since;
}

/// The envelope around a page's rows, written while they stream in: `{"data":[…],"total":…}`.
class PageBody {
 public:
  PageBody() {
    json_.reserve(16 * 1024);
    json_ += R"({"data":[)";
  }

  /// Where the next row is to be appended.
  std::string& NextRow() {
    if (!starts_.empty()) json_ += ',';
    starts_.push_back(json_.size());
    return json_;
  }

  /// The finished answer with its Link header (RFC 8288): first, prev, next, and last on offset pages.
  http::Response Finish(const Context& context, const http::Request& request, const PageAddress& address,
                        const model::PageInfo& info) &&;

 private:
  void ReverseRows();

  std::string json_;
  std::vector<std::size_t> starts_;  // of the rows in it
};

}  // namespace portal::api
