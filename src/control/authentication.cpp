#include "control/authentication.h"

#include <string>
#include <utility>

#include "model/scopes.h"
#include "store/reader.h"

namespace portal::control {

namespace {

using base::ErrorCode;
using base::Fail;

/// What would do; any one of them.
struct Wanted {
  model::Scopes client;     // of a client's token; empty: none will do
  model::Scopes operator_;  // of an operator's token
};

Wanted WantedBy(Needs needs) {
  switch (needs) {
    case Needs::kNothing:
    case Needs::kAnyToken:
      return {};
    case Needs::kRead:
      return {model::kReadScope, model::kAdminScope};
    case Needs::kWrite:
      return {model::kWriteScope, model::kAdminScope};
    case Needs::kAdmin:
      return {{}, model::kAdminScope};
    case Needs::kMetrics:
      return {{}, model::kMetricsScope};
  }
  return {};
}

auto NoSuchTenant() { return Fail(ErrorCode::kNotFound, "Tenant not found"); }

}  // namespace

base::Status CheckScope(const http::Identity& identity, Needs needs) {
  const Wanted wanted = WantedBy(needs);
  const bool anything = wanted.client.empty() && wanted.operator_.empty();
  const bool enough = identity.scopes.Has(model::kAdminScope) || anything ||
                      (!wanted.client.empty() && identity.scopes.Has(wanted.client)) ||
                      identity.scopes.Has(wanted.operator_);
  if (enough) return {};
  const std::string missing = model::ToText(wanted.client.empty() ? wanted.operator_ : wanted.client);
  return Fail(ErrorCode::kForbidden,
              "This needs a token with the scope " + missing + "; this one has " + model::ToText(identity.scopes));
}

base::Result<model::Tenant> AuthoriseTenant(const http::Identity& identity, Needs needs, std::string_view slug,
                                            store::Reader& reader) {
  const bool is_operator = identity.client.value().empty();
  if (is_operator) {
    if (auto enough = CheckScope(identity, needs); !enough) return Fail(std::move(enough).error());
  }
  auto tenant = reader.tenants.FindBySlug(slug);
  if (!tenant && tenant.error().code != ErrorCode::kNotFound) return tenant;
  if (!tenant || (!is_operator && tenant->id != identity.tenant)) return NoSuchTenant();
  if (auto enough = CheckScope(identity, needs); !enough) return Fail(std::move(enough).error());
  return tenant;
}

}  // namespace portal::control
