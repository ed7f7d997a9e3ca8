#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "base/ip_address.h"
#include "base/ip_network.h"
#include "control/handlers.h"
#include "control/json_answers.h"
#include "control/json_fields.h"
#include "http/rate_limits.h"
#include "store/reader.h"

namespace portal::control {
namespace {

using base::ErrorCode;
using base::Fail;

/// What is to be forgotten, as the request says it.
struct Wanted {
  std::optional<std::string> client;
  std::optional<std::string> tenant;
  std::optional<http::LimitKey> address;
  std::optional<model::LimitPolicy> policy;  ///< unset: all of them
  bool auth_failures = false;                ///< these alone
};

/// As `GET /api/limits` writes it: an address, the /64 of an IPv6 one, or `unix`.
std::optional<http::LimitKey> LimitKeyOfText(std::string_view text) {
  if (text == "unix") return base::IpAddress().LimitKey();
  constexpr std::string_view kNetwork = "/64";
  const bool is_network = text.ends_with(kNetwork);
  if (is_network) text.remove_suffix(kNetwork.size());
  if (is_network && text == "::") return http::LimitKey{};  // which is no address, but has some
  const auto address = base::IpAddress::Parse(text);
  if (!address || (is_network && address->is_v4())) return std::nullopt;
  return address->LimitKey();
}

void ReadPolicy(JsonFields& fields, Wanted& wanted) {
  const auto name = fields.Text("policy");
  if (!name) return;
  const auto at = std::ranges::find(model::kLimitPolicyNames, *name);
  wanted.auth_failures = *name == http::kAuthFailuresPolicy;
  if (at != model::kLimitPolicyNames.end()) {
    wanted.policy = static_cast<model::LimitPolicy>(at - model::kLimitPolicyNames.begin());
  } else if (!wanted.auth_failures) {
    fields.Refuse("policy", "Is none of health, contacts, jobs, files, downloads, auth_failures");
  } else if (!fields.Has("address")) {
    fields.Refuse("policy", "Bad tokens are counted by address: name one, or leave the policy out");
  }
}

Result<Wanted> Read(Request& request) {
  auto fields = JsonFields::Read(request);
  if (!fields) return Fail(std::move(fields).error());
  Wanted wanted;
  wanted.client = fields->Text("client");
  wanted.tenant = fields->Text("tenant");
  if (const auto address = fields->Text("address")) {
    wanted.address = LimitKeyOfText(*address);
    if (!wanted.address) {
      fields->Refuse("address",
                     "Is no address, as are 192.0.2.1 and 2001:db8::1, nor a network of 2001:db8::/64's kind");
    }
  }
  ReadPolicy(*fields, wanted);
  for (const auto& [name, other] : {std::pair("tenant", "client"), {"address", "client"}, {"address", "tenant"}}) {
    if (fields->Has(name) && fields->Has(other)) {
      fields->Refuse(name, "Is beside a " + std::string(other) + ": name one of them");
    }
  }
  if (auto valid = fields->Finish(); !valid) return Fail(std::move(valid).error());
  return wanted;
}

base::Status ForgetClient(const Context& context, store::Tenants& tenants, const Wanted& wanted) {
  const auto known = tenants.FindClient(*wanted.client);
  if (!known) return Fail(known.error());
  if (!*known) return Fail(ErrorCode::kNotFound, "Client not found");
  context.limits.Reset(http::LimitKeyOf(base::ClientId(*wanted.client)), wanted.policy);
  return {};
}

/// What its clients have used each by itself, too.
base::Status ForgetTenant(const Context& context, store::Tenants& tenants, const Wanted& wanted) {
  const auto known = tenants.FindBySlug(*wanted.tenant);
  if (!known) return Fail(known.error());
  const auto clients = tenants.Clients(known->id);
  if (!clients) return Fail(clients.error());
  context.limits.Reset(known->id, wanted.policy);
  for (const model::Client& each : *clients) context.limits.Reset(http::LimitKeyOf(each.id), wanted.policy);
  return {};
}

base::Status Forget(const Context& context, store::Tenants& tenants, const Wanted& wanted) {
  if (wanted.client) return ForgetClient(context, tenants, wanted);
  if (wanted.tenant) return ForgetTenant(context, tenants, wanted);
  if (wanted.auth_failures) {
    context.limits.ResetAuthFailures(*wanted.address);
  } else if (wanted.address) {
    context.limits.ResetAddress(*wanted.address, wanted.policy);
  } else if (wanted.policy) {
    context.limits.ResetPolicy(*wanted.policy);
  } else {
    context.limits.ResetAll();
  }
  return {};
}

}  // namespace

Result<Answer> ResetLimits(const Context& context, Request& request) {
  const auto wanted = Read(request);
  if (!wanted) return Fail(wanted.error());
  auto forgotten = Forget(context, context.database.reader(request.worker()).tenants, *wanted);
  if (!forgotten) return Fail(std::move(forgotten).error());
  return NoContent();
}

}  // namespace portal::control
