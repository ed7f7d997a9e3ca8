#include "api/page.h"

#include <algorithm>
#include <utility>

#include "base/json_text.h"
#include "http/percent.h"

namespace portal::api {

using model::PageStart;

namespace {

// Far more than a name of the longest kind needs: the cursor of a list sorted by name holds one.
constexpr std::size_t kMaxCursorBytes = 2048;

}  // namespace

PageAddressReader::PageAddressReader(const http::Request& request, Parameters& parameters)
    : request_(request), parameters_(parameters) {}

void PageAddressReader::Carry(std::string_view name, std::string_view value) {
  address_.carried.append(name).append("=");
  http::AppendPercentEncoded(value, address_.carried);
  address_.carried += '&';
}

PageAddress PageAddressReader::Read(const Cursors& cursors) {
  address_.limit = parameters_.Integer("limit", model::kDefaultLimit, 1, model::kMaxLimit);
  const bool both = parameters_.Has("offset") && parameters_.Has("cursor");
  address_.start.offset = parameters_.Integer("offset", 0, 0, INT64_MAX);
  const auto cursor = parameters_.Text("cursor", kMaxCursorBytes);

  address_.scope = std::to_string(request_.identity->tenant.value());
  address_.scope.append(" ").append(request_.head.path).append("?").append(address_.carried);
  if (both) {
    parameters_.Refuse("cursor", "Given together with offset; use one of the two");
  } else if (cursor) {
    if (auto start = cursors.Decode(address_.scope, *cursor, request_.now)) {
      address_.start = *std::move(start);
    } else {
      parameters_.Refuse("cursor",
                         "Is no cursor of this list with these filters and this sort; take it from a Link header of "
                         "the same list, or start again without one");
    }
  }
  return std::move(address_);
}

namespace {

/// Writes one list's Link header, target by target.
class Links {
 public:
  Links(std::string_view base, std::string_view path, const PageAddress& address) : address_(address) {
    prefix_ = "<";
    prefix_.append(base).append(path).append("?").append(address.carried).append("limit=");
    prefix_ += std::to_string(address.limit);
  }
  void AddFirst() { Add({}, "first"); }
  void AddOffset(std::int64_t offset, std::string_view relation) { Add("&offset=" + std::to_string(offset), relation); }
  void AddCursor(const Cursors& cursors, PageStart::Kind kind, const model::Keyset& keyset, std::string_view relation) {
    Add("&cursor=" + cursors.Encode(address_.scope, PageStart{kind, 0, keyset}), relation);
  }
  std::string Take() && { return std::move(text_); }

 private:
  void Add(std::string_view position, std::string_view relation) {
    if (!text_.empty()) text_ += ", ";
    text_.append(prefix_).append(position).append(">; rel=\"").append(relation).append("\"");
  }

  const PageAddress& address_;
  std::string prefix_;
  std::string text_;
};

std::string LinkHeader(const Context& context, const http::Request& request, const PageAddress& address,
                       const model::PageInfo& info) {
  Links links(context.PublicBase(request), request.head.path, address);
  const bool by_offset = address.start.kind == PageStart::Kind::kOffset;
  links.AddFirst();
  if (by_offset && address.start.offset > 0) {
    // An offset past the end has no rows before it to step back over: its previous page is the last one.
    const std::int64_t end =
        info.total_is_lower_bound ? address.start.offset : std::min(address.start.offset, info.total);
    links.AddOffset(std::max<std::int64_t>(0, end - address.limit), "prev");
  } else if (!by_offset && info.has_previous && info.count > 0) {
    links.AddCursor(context.cursors, PageStart::Kind::kBefore, info.first, "prev");
  }
  if (info.has_more && info.count > 0) links.AddCursor(context.cursors, PageStart::Kind::kAfter, info.last, "next");
  if (by_offset && !info.total_is_lower_bound) {
    const std::int64_t last_page = info.total > 0 ? (info.total - 1) / address.limit : 0;
    links.AddOffset(last_page * address.limit, "last");
  }
  return std::move(links).Take();
}

}  // namespace

void PageBody::ReverseRows() {
  if (starts_.empty()) return;
  std::string reversed;
  reversed.reserve(json_.capacity());
  reversed.append(json_, 0, starts_.front());
  std::size_t end = json_.size();
  for (auto start = starts_.rbegin(); start != starts_.rend(); ++start) {
    if (start != starts_.rbegin()) reversed += ',';
    reversed.append(json_, *start, end - *start);
    end = *start - 1;  // where its comma is
  }
  json_ = std::move(reversed);
}

http::Response PageBody::Finish(const Context& context, const http::Request& request, const PageAddress& address,
                                const model::PageInfo& info) && {
  if (info.last_first) ReverseRows();
  json_ += R"(],"total":)";
  base::AppendDecimal(info.total, json_);
  if (info.total_is_lower_bound) json_ += R"(,"total_is_lower_bound":true)";
  json_ += R"(,"limit":)";
  base::AppendDecimal(address.limit, json_);
  json_ += R"(,"offset":)";
  if (address.start.kind == PageStart::Kind::kOffset) {
    base::AppendDecimal(address.start.offset, json_);
  } else {
    json_ += "null";
  }
  json_ += R"(,"has_more":)";
  json_ += info.has_more ? "true}" : "false}";

  http::Response response;
  response.body = std::move(json_);
  response.Add("Link", LinkHeader(context, request, address, info));
  return response;
}

}  // namespace portal::api
