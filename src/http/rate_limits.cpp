#include "http/rate_limits.h"

#include <cstring>
#include <utility>

#include "crypto/hash.h"

namespace portal::http {
namespace {

using model::LimitPolicy;
using resilience::Decision;
using resilience::WindowKey;
using resilience::WindowTable;

constexpr std::size_t kAuthFailures = model::kLimitPolicies;

std::string_view NameOf(std::size_t policy) {
  return policy == kAuthFailures ? kAuthFailuresPolicy : model::kLimitPolicyNames[policy];
}

WindowKey KeyOf(const LimitKey& id, std::size_t policy) { return {id, static_cast<std::uint8_t>(policy)}; }

WindowKey KeyOf(const base::TenantId& tenant, std::size_t policy) { return KeyOf(LimitKeyOf(tenant), policy); }

void AddUsed(const WindowTable& table, std::vector<RateLimits::Used>& all) {
  table.ForEach([&](const resilience::WindowState& state) {
    all.push_back({state.key.id, NameOf(state.key.policy), state.used, state.refused, state.resets_at});
  });
}

void ResetIn(WindowTable& table, const LimitKey& id, std::optional<LimitPolicy> policy) {
  for (std::size_t number = 0; number < model::kLimitPolicies; ++number) {
    if (!policy || number == static_cast<std::size_t>(*policy)) table.Reset(KeyOf(id, number));
  }
}

/// The one that stops a client for longest, or else first.
const Decision& Tighter(const Decision& client, const Decision& tenant) {
  if (client.allowed != tenant.allowed) return client.allowed ? tenant : client;
  if (client.allowed) return tenant.remaining < client.remaining ? tenant : client;
  return tenant.resets_at > client.resets_at ? tenant : client;
}

}  // namespace

RateLimits::RateLimits(const base::Clock& clock, Options options)
    : window_(options.window),
      window_s_(std::chrono::ceil<std::chrono::seconds>(options.window)),
      exempt_(std::move(options.exempt)),
      addresses_(clock, window_, options.max_addresses),
      auth_failures_(clock, window_, options.max_addresses),
      clients_(clock, window_, options.max_clients),
      tenants_(clock, window_, options.max_clients) {
  SetBudgets(options.budgets);
}

std::uint32_t RateLimits::BudgetOf(LimitPolicy policy, const model::Budgets& own) const {
  const auto number = static_cast<std::size_t>(policy);
  return own.Of(policy).value_or(budgets_[number].load(std::memory_order_relaxed));
}

std::optional<LimitVerdict> RateLimits::Take(LimitPolicy policy, const LimitSubject& subject) {
  const auto number = static_cast<std::size_t>(policy);
  const std::uint32_t of_client = BudgetOf(policy, subject.client_budgets);
  const std::uint32_t of_tenant = subject.tenant_budgets.Of(policy).value_or(0);
  const std::string_view name = NameOf(number);
  if (of_tenant == 0) {
    if (of_client == 0) return std::nullopt;
    return LimitVerdict{name, window_s_, clients_.Take(KeyOf(subject.client, number), of_client)};
  }
  if (of_client == 0) return LimitVerdict{name, window_s_, tenants_.Take(KeyOf(subject.tenant, number), of_tenant)};
  Decision tenant;
  const Decision client = clients_.Take(KeyOf(subject.client, number), of_client, [&](base::MonotonicTime) {
    tenant = tenants_.Take(KeyOf(subject.tenant, number), of_tenant);
    return tenant.allowed;
  });
  if (!client.allowed) {
    // Its tenant may have to wait for longer, where its budget was lowered.
    tenant = tenants_.Take(KeyOf(subject.tenant, number), of_tenant, [](base::MonotonicTime) { return false; });
  }
  return LimitVerdict{name, window_s_, Tighter(client, tenant)};
}

std::optional<LimitVerdict> RateLimits::Take(LimitPolicy policy, const base::IpAddress& address) {
  return TakeForAddress(addresses_, static_cast<std::size_t>(policy), address);
}

std::optional<LimitVerdict> RateLimits::NoteAuthFailure(const base::IpAddress& address) {
  return TakeForAddress(auth_failures_, kAuthFailures, address);
}

std::optional<LimitVerdict> RateLimits::TakeForAddress(WindowTable& table, std::size_t policy,
                                                       const base::IpAddress& address) {
  const std::uint32_t budget = budgets_[policy].load(std::memory_order_relaxed);
  if (budget == 0 || base::AnyContains(exempt_, address)) return std::nullopt;
  return LimitVerdict{NameOf(policy), window_s_, table.Take(KeyOf(address.LimitKey(), policy), budget)};
}

RateLimits::Budgets RateLimits::budgets() const {
  Budgets result;
  for (std::size_t policy = 0; policy < model::kLimitPolicies; ++policy) result.of_client[policy] = budgets_[policy];
  result.auth_failures = budgets_[kAuthFailures];
  return result;
}

void RateLimits::SetBudgets(const Budgets& budgets) {
  for (std::size_t policy = 0; policy < model::kLimitPolicies; ++policy) budgets_[policy] = budgets.of_client[policy];
  budgets_[kAuthFailures] = budgets.auth_failures;
}

std::vector<RateLimits::Used> RateLimits::Clients() const {
  std::vector<Used> all;
  AddUsed(clients_, all);
  return all;
}

std::vector<RateLimits::Used> RateLimits::Tenants() const {
  std::vector<Used> all;
  AddUsed(tenants_, all);
  return all;
}

std::vector<RateLimits::Used> RateLimits::Addresses() const {
  std::vector<Used> all;
  AddUsed(addresses_, all);
  AddUsed(auth_failures_, all);
  return all;
}

void RateLimits::Reset(const LimitKey& client, std::optional<LimitPolicy> policy) { ResetIn(clients_, client, policy); }

void RateLimits::Reset(const base::TenantId& tenant, std::optional<LimitPolicy> policy) {
  ResetIn(tenants_, LimitKeyOf(tenant), policy);
}

void RateLimits::ResetAddress(const LimitKey& address, std::optional<LimitPolicy> policy) {
  ResetIn(addresses_, address, policy);
  if (!policy) ResetAuthFailures(address);
}

void RateLimits::ResetAuthFailures(const LimitKey& address) { auth_failures_.Reset(KeyOf(address, kAuthFailures)); }

void RateLimits::ResetPolicy(LimitPolicy policy) {
  for (WindowTable* const table : {&addresses_, &clients_, &tenants_}) {
    table->ResetPolicy(static_cast<std::uint8_t>(policy));
  }
}

void RateLimits::ResetAll() {
  addresses_.ResetAll();
  auth_failures_.ResetAll();
  clients_.ResetAll();
  tenants_.ResetAll();
}

RateLimits::Sizes RateLimits::sizes() const {
  return {addresses_.size(), auth_failures_.size(), clients_.size(), tenants_.size()};
}

LimitKey LimitKeyOf(const base::ClientId& client) {
  const crypto::Sha256Digest digest = crypto::Sha256(client.value());
  LimitKey key;
  std::memcpy(key.data(), digest.data(), sizeof key);
  return key;
}

LimitKey LimitKeyOf(const base::TenantId& tenant) { return {static_cast<std::uint64_t>(tenant.value()), 0}; }

base::TenantId TenantOf(const LimitKey& key) { return base::TenantId(static_cast<std::int64_t>(key[0])); }

}  // namespace portal::http
