#pragma once

#include <optional>
#include <utility>

#include "api/context.h"
#include "api/etag.h"
#include "api/page.h"
#include "base/result.h"
#include "http/request.h"
#include "http/response.h"
#include "store/reader.h"

namespace portal::api {

/// A list's query with what its links need.
template <typename Query>
struct DecodedPage {
  Query query;
  PageAddress address;
};

/// The end of decoding a page: where it starts, once every filter was carried, and whether all was valid.
template <typename Query>
base::Status FinishDecoding(const Context& context, Parameters& parameters, PageAddressReader& address,
                            DecodedPage<Query>& page) {
  page.address = address.Read(context.cursors);
  page.query.limit = page.address.limit;
  page.query.start = page.address.start;
  return parameters.Finish();
}

/// The way of every cacheable list: one snapshot, its ETag, a 304 if that is enough, else the rows as they
/// come. `list(reader, tenant, sink…)` streams them into a PageBody.
template <typename Query, typename List>
base::Result<http::Response> AnswerPage(const Context& context, const http::Request& request,
                                        const DecodedPage<Query>& page, List list) {
  store::Reader& reader = context.reader(request);
  auto snapshot = reader.Begin(request.budget == http::ReadBudget::kLoop);
  if (!snapshot) return base::Fail(std::move(snapshot).error());
  auto etag = EntityTag(context, request);
  if (!etag) return base::Fail(std::move(etag).error());
  auto unchanged = AnswerConditions(request, *etag);
  if (!unchanged) return base::Fail(std::move(unchanged).error());
  if (*unchanged) return **std::move(unchanged);

  PageBody body;
  auto info = list(reader, request.identity->tenant, page.query, body);
  if (!info) return base::Fail(std::move(info).error());
  http::Response response = std::move(body).Finish(context, request, page.address, *info);
  AddValidator(*std::move(etag), response);
  return response;
}

/// The way of a single cacheable row. `exists(reader, tenant)` needs no row, so a 304 is cheap and is never
/// given for what is not there; `find(reader, tenant, json)` appends the row.
template <typename Exists, typename Find>
base::Result<http::Response> AnswerRow(const Context& context, const http::Request& request, std::string_view not_found,
                                       Exists exists, Find find) {
  if (auto none = TakesNoParameters(request.head.query); !none) return base::Fail(std::move(none).error());
  store::Reader& reader = context.reader(request);
  const base::TenantId tenant = request.identity->tenant;
  auto snapshot = reader.Begin(request.budget == http::ReadBudget::kLoop);
  if (!snapshot) return base::Fail(std::move(snapshot).error());
  const auto there = exists(reader, tenant);
  if (!there) return base::Fail(there.error());
  if (!*there) return base::Fail(base::ErrorCode::kNotFound, std::string(not_found));
  auto etag = EntityTag(context, request);
  if (!etag) return base::Fail(std::move(etag).error());
  auto unchanged = AnswerConditions(request, *etag);
  if (!unchanged) return base::Fail(std::move(unchanged).error());
  if (*unchanged) return **std::move(unchanged);

  http::Response response;
  if (auto found = find(reader, tenant, response.body); !found) return base::Fail(std::move(found).error());
  AddValidator(*std::move(etag), response);
  return response;
}

}  // namespace portal::api
