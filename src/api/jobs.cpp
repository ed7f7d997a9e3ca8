#include <array>

#include "api/handlers.h"
#include "api/list.h"
#include "service/rows/row_encode.h"

namespace portal::api {
namespace {

constexpr std::array<std::string_view, 3> kSorts = {"created_at", "updated_at", "scheduled_at"};  // as in JobSort

Result<DecodedPage<model::JobQuery>> DecodeJobPage(const Context& context, const Request& request) {
  auto parsed = Parameters::Parse(request.head.query);
  if (!parsed) return base::Fail(std::move(parsed).error());
  Parameters& parameters = *parsed;
  PageAddressReader address(request, parameters);
  DecodedPage<model::JobQuery> page;
  model::JobQuery& query = page.query;

  query.search = parameters.Text("q", kMaxSearchBytes);
  if (query.search) address.Carry("q", *query.search);
  if (const auto status = parameters.OneOf("status", model::kJobStatusNames)) {
    query.status = static_cast<model::JobStatus>(*status);
    address.Carry("status", model::ToText(*query.status));
  }
  if (const auto text = parameters.Text("contact_id", kUuidBytes)) {
    const std::string contact = CanonicalUuid(*text);
    if (!model::IsContactId(contact)) parameters.Refuse("contact_id", "Must be the id of a contact, a UUID");
    query.contact_id = base::ContactId(contact);
    address.Carry("contact_id", contact);
  }
  ReadSort<model::JobSort>(parameters, address, kSorts, query);
  query.updated_since = ReadUpdatedSince(parameters, address, model::JobSort::kUpdatedAt, query);

  if (auto valid = FinishDecoding(context, parameters, address, page); !valid) {
    return base::Fail(std::move(valid).error());
  }
  return page;
}

}  // namespace

Result<Response> ListJobs(const Context& context, const Request& request) {
  auto page = DecodeJobPage(context, request);
  if (!page) return base::Fail(std::move(page).error());
  return AnswerPage(context, request, *page,
                    [](store::Reader& reader, const base::TenantId& tenant, const auto& query, PageBody& body) {
                      return reader.jobs.List(
                          tenant, query, [&](const model::JobView& job) { service::AppendJob(job, body.NextRow()); });
                    });
}

Result<Response> GetJob(const Context& context, const Request& request) {
  const std::string& id = request.path_parameters[0];
  return AnswerRow(
      context, request, "Job not found",
      [&](store::Reader& reader, const base::TenantId& tenant) { return reader.jobs.Exists(tenant, id); },
      [&](store::Reader& reader, const base::TenantId& tenant, std::string& json) {
        return reader.jobs.Find(tenant, id, [&](const model::JobView& job) { service::AppendJob(job, json); });
      });
}

}  // namespace portal::api
