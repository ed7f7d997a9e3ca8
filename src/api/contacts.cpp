#include <array>

#include "api/handlers.h"
#include "api/list.h"
#include "service/rows/row_encode.h"

namespace portal::api {
namespace {

constexpr std::array<std::string_view, 3> kSorts = {"created_at", "updated_at", "name"};  // as in ContactSort
constexpr std::size_t kMaxEmailBytes = 254;                                               // RFC 5321, erratum 1690

Result<DecodedPage<model::ContactQuery>> DecodeContactPage(const Context& context, const Request& request) {
  auto parsed = Parameters::Parse(request.head.query);
  if (!parsed) return base::Fail(std::move(parsed).error());
  Parameters& parameters = *parsed;
  PageAddressReader address(request, parameters);
  DecodedPage<model::ContactQuery> page;
  model::ContactQuery& query = page.query;

  query.search = parameters.Text("q", kMaxSearchBytes);
  if (query.search) address.Carry("q", *query.search);
  query.email = parameters.Text("email", kMaxEmailBytes);
  if (query.email) address.Carry("email", *query.email);
  ReadSort<model::ContactSort>(parameters, address, kSorts, query);
  query.updated_since = ReadUpdatedSince(parameters, address, model::ContactSort::kUpdatedAt, query);

  if (auto valid = FinishDecoding(context, parameters, address, page); !valid) {
    return base::Fail(std::move(valid).error());
  }
  return page;
}

}  // namespace

Result<Response> ListContacts(const Context& context, const Request& request) {
  auto page = DecodeContactPage(context, request);
  if (!page) return base::Fail(std::move(page).error());
  return AnswerPage(context, request, *page,
                    [](store::Reader& reader, const base::TenantId& tenant, const auto& query, PageBody& body) {
                      return reader.contacts.List(tenant, query, [&](const model::ContactView& contact) {
                        service::AppendContact(contact, body.NextRow());
                      });
                    });
}

Result<Response> GetContact(const Context& context, const Request& request) {
  const std::string id = CanonicalUuid(request.path_parameters[0]);
  return AnswerRow(
      context, request, "Contact not found",
      [&](store::Reader& reader, const base::TenantId& tenant) { return reader.contacts.Exists(tenant, id); },
      [&](store::Reader& reader, const base::TenantId& tenant, std::string& json) {
        return reader.contacts.Find(tenant, id,
                                    [&](const model::ContactView& contact) { service::AppendContact(contact, json); });
      });
}

}  // namespace portal::api
