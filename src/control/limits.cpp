#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/ip_address.h"
#include "base/json_object.h"
#include "control/handlers.h"
#include "control/json_answers.h"
#include "control/json_fields.h"
#include "http/rate_limits.h"
#include "store/reader.h"

namespace portal::control {
namespace {

using base::ErrorCode;
using base::Fail;
using http::RateLimits;

/// How many windows of clients, and of addresses, are shown: those with the most requests.
constexpr std::size_t kShown = 100;

std::int64_t SecondsUntil(base::MonotonicTime time, base::MonotonicTime now) {
  return std::max<std::int64_t>(0, std::chrono::ceil<std::chrono::seconds>(time - now).count());
}

void KeepTheBusiest(std::vector<RateLimits::Used>& windows) {
  const auto busier = [](const RateLimits::Used& a, const RateLimits::Used& b) {
    return std::pair(a.used, a.refused) > std::pair(b.used, b.refused);
  };
  const std::size_t shown = std::min(windows.size(), kShown);
  std::ranges::partial_sort(windows, windows.begin() + static_cast<std::ptrdiff_t>(shown), busier);
  windows.resize(shown);
}

/// Members that windows of clients and of addresses have in common.
void Describe(const RateLimits::Used& window, std::uint32_t budget, base::MonotonicTime now, base::JsonObject& json) {
  json.Text("policy", window.policy).Number("budget", budget).Number("used", window.used);
  json.Number("refused", window.refused).Number("resets_in", SecondsUntil(window.resets_at, now));
}

struct NamedClient {
  std::string tenant;
  model::Client client;
};

/// Every client there is, by the key that it is counted under.
Result<std::map<std::array<std::uint64_t, 2>, NamedClient>> ClientsByKey(const Context& context,
                                                                         const Request& request) {
  store::Tenants& tenants = context.database.reader(request.worker()).tenants;
  const auto all = tenants.All();
  if (!all) return Fail(all.error());
  std::map<std::array<std::uint64_t, 2>, NamedClient> named;
  for (const model::Tenant& tenant : *all) {
    auto clients = tenants.Clients(tenant.id);
    if (!clients) return Fail(std::move(clients).error());
    for (model::Client& client : *clients) {
      const auto key = http::LimitKeyOf(client.id);
      named.emplace(key, NamedClient{tenant.slug, std::move(client)});
    }
  }
  return named;
}

Result<std::string> Clients(const Context& context, const Request& request, base::MonotonicTime now) {
  std::vector<RateLimits::Used> windows = context.limits.Clients();
  KeepTheBusiest(windows);
  const auto named = ClientsByKey(context, request);
  if (!named) return Fail(named.error());
  base::JsonArray rows;
  for (const RateLimits::Used& window : windows) {
    const auto at = named->find(window.key);
    if (at == named->end()) continue;  // deleted since it asked
    const auto policy = static_cast<model::LimitPolicy>(std::ranges::find(model::kLimitPolicyNames, window.policy) -
                                                        model::kLimitPolicyNames.begin());
    base::JsonObject json;
    json.Text("tenant", at->second.tenant).Text("client", at->second.client.id.value());
    Describe(window, context.limits.BudgetOf(policy, at->second.client.budgets), now, json);
    rows.Add(json.Done());
  }
  return rows.Done();
}

/// The address, or the network of an IPv6 one, that is counted under a key.
std::string AddressOf(const std::array<std::uint64_t, 2>& key) {
  if (key == base::IpAddress().LimitKey()) return "unix";
  if (key[0] == 0 && key[1] == 0) return "::/64";
  in6_addr bytes{};
  for (std::size_t i = 0; i < 16; ++i) {
    bytes.s6_addr[i] = static_cast<std::uint8_t>(key[i / 8] >> (56 - 8 * (i % 8)));
  }
  const base::IpAddress address(bytes);
  std::string text(address.ToText().view());
  return address.is_v4() ? text : text + "/64";
}

std::string Addresses(const RateLimits& limits, const RateLimits::Budgets& budgets, base::MonotonicTime now) {
  std::vector<RateLimits::Used> windows = limits.Addresses();
  KeepTheBusiest(windows);
  base::JsonArray rows;
  for (const RateLimits::Used& window : windows) {
    const auto at = std::ranges::find(model::kLimitPolicyNames, window.policy);
    const std::uint32_t budget =
        at == model::kLimitPolicyNames.end()
            ? budgets.auth_failures
            : budgets.of_client[static_cast<std::size_t>(at - model::kLimitPolicyNames.begin())];
    base::JsonObject json;
    json.Text("address", AddressOf(window.key));
    Describe(window, budget, now, json);
    rows.Add(json.Done());
  }
  return rows.Done();
}

}  // namespace

Result<Answer> GetLimits(const Context& context, Request& request) {
  const base::MonotonicTime now = context.clock.Monotonic();
  const RateLimits::Budgets budgets = context.limits.budgets();
  base::JsonObject of_policy;
  for (std::size_t policy = 0; policy < model::kLimitPolicies; ++policy) {
    of_policy.Number(model::kLimitPolicyNames[policy], budgets.of_client[policy]);
  }
  of_policy.Number(http::kAuthFailuresPolicy, budgets.auth_failures);
  auto clients = Clients(context, request, now);
  if (!clients) return Fail(std::move(clients).error());

  const RateLimits::Sizes sizes = context.limits.sizes();
  base::JsonObject json;
  json.Json("window_seconds", std::to_string(std::chrono::duration<double>(context.limits.window()).count()));
  json.Json("budgets", of_policy.Done()).Json("clients", *clients);
  json.Json("addresses", Addresses(context.limits, budgets, now));
  json.Number("windows", static_cast<std::int64_t>(sizes.clients.keys + sizes.tenants.keys + sizes.addresses.keys));
  json.Number("bytes", static_cast<std::int64_t>(sizes.clients.bytes + sizes.tenants.bytes + sizes.addresses.bytes));
  json.Number("strangers",
              static_cast<std::int64_t>(sizes.clients.shared + sizes.tenants.shared + sizes.addresses.shared));
  Answer answer;
  answer.body = json.Done();
  return answer;
}

Result<Answer> ResetLimits(const Context& context, Request& request) {
  auto fields = JsonFields::Read(request);
  if (!fields) return Fail(std::move(fields).error());
  const auto client = fields->Text("client");
  const auto name = fields->Text("policy");
  std::optional<model::LimitPolicy> policy;
  if (name) {
    const auto at = std::ranges::find(model::kLimitPolicyNames, *name);
    if (at == model::kLimitPolicyNames.end()) {
      fields->Refuse("policy", "Is none of health, contacts, jobs, files, downloads");
    } else {
      policy = static_cast<model::LimitPolicy>(at - model::kLimitPolicyNames.begin());
    }
    if (!client) fields->Refuse("policy", "Is of a client: name that too, or leave both out to reset everything");
  }
  if (auto valid = fields->Finish(); !valid) return Fail(std::move(valid).error());
  if (!client) {
    context.limits.ResetAll();
    return NoContent();
  }
  const auto known = context.database.reader(request.worker()).tenants.FindClient(*client);
  if (!known) return Fail(known.error());
  if (!*known) return Fail(ErrorCode::kNotFound, "Client not found");
  context.limits.Reset(http::LimitKeyOf(base::ClientId(*client)), policy);
  return NoContent();
}

}  // namespace portal::control
