#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/ip_address.h"
#include "base/json_object.h"
#include "control/handlers.h"
#include "control/json_answers.h"
#include "http/rate_limits.h"
#include "store/reader.h"

namespace portal::control {
namespace {

using base::Fail;
using http::RateLimits;

/// How many windows of clients, of tenants and of addresses are shown: those with the most requests.
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

/// Members that all windows have in common.
void Describe(const RateLimits::Used& window, std::uint32_t budget, base::MonotonicTime now, base::JsonObject& json) {
  json.Text("policy", window.policy).Number("budget", budget).Number("used", window.used);
  json.Number("refused", window.refused).Number("resets_in", SecondsUntil(window.resets_at, now));
}

/// REQUIRES: it is not of bad tokens.
model::LimitPolicy PolicyOf(const RateLimits::Used& window) {
  const auto at = std::ranges::find(model::kLimitPolicyNames, window.policy);
  return static_cast<model::LimitPolicy>(at - model::kLimitPolicyNames.begin());
}

using LimitKey = std::array<std::uint64_t, 2>;

struct NamedClient {
  std::string tenant;
  model::Client client;
};

/// Every tenant and client there is, by the key that it is counted under.
struct Names {
  std::map<LimitKey, model::Tenant> tenants;
  std::map<LimitKey, NamedClient> clients;
};

Result<Names> ReadNames(const Context& context, const Request& request) {
  store::Tenants& tenants = context.database.reader(request.worker()).tenants;
  auto all = tenants.All();
  if (!all) return Fail(std::move(all).error());
  Names names;
  for (model::Tenant& tenant : *all) {
    auto clients = tenants.Clients(tenant.id);
    if (!clients) return Fail(std::move(clients).error());
    for (model::Client& client : *clients) {
      const LimitKey key = http::LimitKeyOf(client.id);
      names.clients.emplace(key, NamedClient{tenant.slug, std::move(client)});
    }
    const LimitKey key = http::LimitKeyOf(tenant.id);
    names.tenants.emplace(key, std::move(tenant));
  }
  return names;
}

std::string Clients(const RateLimits& limits, const Names& names, base::MonotonicTime now) {
  std::vector<RateLimits::Used> windows = limits.Clients();
  KeepTheBusiest(windows);
  base::JsonArray rows;
  for (const RateLimits::Used& window : windows) {
    const auto at = names.clients.find(window.key);
    if (at == names.clients.end()) continue;  // deleted since it asked
    const model::Client& client = at->second.client;
    base::JsonObject json;
    json.Text("tenant", at->second.tenant).Text("client", client.id.value());
    Describe(window, limits.BudgetOf(PolicyOf(window), client.budgets), now, json);
    rows.Add(json.Done());
  }
  return rows.Done();
}

std::string Tenants(const RateLimits& limits, const Names& names, base::MonotonicTime now) {
  std::vector<RateLimits::Used> windows = limits.Tenants();
  KeepTheBusiest(windows);
  base::JsonArray rows;
  for (const RateLimits::Used& window : windows) {
    const auto at = names.tenants.find(window.key);
    if (at == names.tenants.end()) continue;  // deleted since it asked
    base::JsonObject json;
    json.Text("tenant", at->second.slug);
    Describe(window, at->second.budgets.Of(PolicyOf(window)).value_or(0), now, json);
    rows.Add(json.Done());
  }
  return rows.Done();
}

/// The address, or the network of an IPv6 one, that is counted under a key.
std::string AddressOf(const LimitKey& key) {
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
    const std::uint32_t budget = window.policy == http::kAuthFailuresPolicy
                                     ? budgets.auth_failures
                                     : budgets.of_client[static_cast<std::size_t>(PolicyOf(window))];
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
  const auto names = ReadNames(context, request);
  if (!names) return Fail(names.error());

  const RateLimits::Sizes sizes = context.limits.sizes();
  std::size_t windows = 0;
  std::size_t bytes = 0;
  std::uint64_t strangers = 0;
  for (const auto& table : {sizes.addresses, sizes.auth_failures, sizes.clients, sizes.tenants}) {
    windows += table.keys;
    bytes += table.bytes;
    strangers += table.shared;
  }
  base::JsonObject json;
  json.Json("window_seconds", std::to_string(std::chrono::duration<double>(context.limits.window()).count()));
  json.Json("budgets", of_policy.Done()).Json("clients", Clients(context.limits, *names, now));
  json.Json("tenants", Tenants(context.limits, *names, now));
  json.Json("addresses", Addresses(context.limits, budgets, now));
  json.Number("windows", static_cast<std::int64_t>(windows)).Number("bytes", static_cast<std::int64_t>(bytes));
  json.Number("strangers", static_cast<std::int64_t>(strangers));
  Answer answer;
  answer.body = json.Done();
  return answer;
}

}  // namespace portal::control
