#include <algorithm>
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

Result<std::string> Clients(const Context& context, base::WorkerId worker, base::MonotonicTime now) {
  std::vector<RateLimits::Used> windows = context.limits.Clients();
  KeepTheBusiest(windows);
  store::Reader& reader = context.database.reader(worker);
  if (auto learnt = context.client_keys->Learn(windows, reader, worker); !learnt)
    return Fail(std::move(learnt).error());
  base::JsonArray rows;
  for (const RateLimits::Used& window : windows) {
    const auto id = context.client_keys->ClientOf(window.key);
    if (!id) continue;
    const auto client = reader.tenants.FindClient(id->value());
    if (!client) return Fail(client.error());
    if (!*client) continue;  // deleted since it asked
    const auto tenant = reader.tenants.Find((*client)->tenant);
    if (!tenant) return Fail(tenant.error());
    if (!*tenant) continue;
    base::JsonObject json;
    json.Text("tenant", (*tenant)->slug).Text("client", id->value());
    Describe(window, context.limits.BudgetOf(PolicyOf(window), (*client)->client_budgets), now, json);
    rows.Add(json.Done());
  }
  return rows.Done();
}

Result<std::string> Tenants(const Context& context, base::WorkerId worker, base::MonotonicTime now) {
  std::vector<RateLimits::Used> windows = context.limits.Tenants();
  KeepTheBusiest(windows);
  base::JsonArray rows;
  for (const RateLimits::Used& window : windows) {
    const auto tenant = context.database.reader(worker).tenants.Find(http::TenantOf(window.key));
    if (!tenant) return Fail(tenant.error());
    if (!*tenant) continue;  // deleted since it asked
    base::JsonObject json;
    json.Text("tenant", (*tenant)->slug);
    Describe(window, (*tenant)->budgets.Of(PolicyOf(window)).value_or(0), now, json);
    rows.Add(json.Done());
  }
  return rows.Done();
}

/// The address, or the network of an IPv6 one, that is counted under a key.
std::string AddressOf(const http::LimitKey& key) {
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
  const store::Reader::PastBreaker past_breaker(context.database.reader(request.worker()));  // it is when one looks
  auto clients = Clients(context, request.worker(), now);
  if (!clients) return Fail(std::move(clients).error());
  auto tenants = Tenants(context, request.worker(), now);
  if (!tenants) return Fail(std::move(tenants).error());

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
  json.Json("budgets", of_policy.Done()).Json("clients", *clients);
  json.Json("tenants", *tenants);
  json.Json("addresses", Addresses(context.limits, budgets, now));
  json.Number("windows", static_cast<std::int64_t>(windows)).Number("bytes", static_cast<std::int64_t>(bytes));
  json.Number("strangers", static_cast<std::int64_t>(strangers));
  Answer answer;
  answer.body = json.Done();
  return answer;
}

}  // namespace portal::control
