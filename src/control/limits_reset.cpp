#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "control/handlers.h"
#include "control/json_answers.h"
#include "control/json_fields.h"
#include "http/rate_limits.h"
#include "store/reader.h"

namespace portal::control {

using base::ErrorCode;
using base::Fail;

Result<Answer> ResetLimits(const Context& context, Request& request) {
  auto fields = JsonFields::Read(request);
  if (!fields) return Fail(std::move(fields).error());
  const auto client = fields->Text("client");
  const auto tenant = fields->Text("tenant");
  const auto name = fields->Text("policy");
  std::optional<model::LimitPolicy> policy;
  if (name) {
    const auto at = std::ranges::find(model::kLimitPolicyNames, *name);
    if (at == model::kLimitPolicyNames.end()) {
      fields->Refuse("policy", "Is none of health, contacts, jobs, files, downloads");
    } else {
      policy = static_cast<model::LimitPolicy>(at - model::kLimitPolicyNames.begin());
    }
    if (!client && !tenant) {
      fields->Refuse("policy", "Is of a client or a tenant: name one too, or leave it out to reset everything");
    }
  }
  if (client && tenant)
    fields->Refuse("tenant", "Is beside a client: name one of them, a tenant for all of its clients");
  if (auto valid = fields->Finish(); !valid) return Fail(std::move(valid).error());
  store::Tenants& tenants = context.database.reader(request.worker()).tenants;
  if (client) {
    const auto known = tenants.FindClient(*client);
    if (!known) return Fail(known.error());
    if (!*known) return Fail(ErrorCode::kNotFound, "Client not found");
    context.limits.Reset(http::LimitKeyOf(base::ClientId(*client)), policy);
  } else if (tenant) {
    const auto known = tenants.FindBySlug(*tenant);
    if (!known) return Fail(known.error());
    const auto clients = tenants.Clients(known->id);
    if (!clients) return Fail(clients.error());
    context.limits.Reset(known->id, policy);
    for (const model::Client& each : *clients) context.limits.Reset(http::LimitKeyOf(each.id), policy);
  } else {
    context.limits.ResetAll();
  }
  return NoContent();
}

}  // namespace portal::control
