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

WindowKey KeyOf(const std::array<std::uint64_t, 2>& id, std::size_t policy) {
  return {id, static_cast<std::uint8_t>(policy)};
}

WindowKey KeyOf(const base::TenantId& tenant, std::size_t policy) {
  return KeyOf({static_cast<std::uint64_t>(tenant.value()), 0}, policy);
}

std::vector<RateLimits::Used> UsedOf(const WindowTable& table) {
  std::vector<RateLimits::Used> all;
  table.ForEach([&](const resilience::WindowState& state) {
    all.push_back({state.key.id, NameOf(state.key.policy), state.used, state.refused, state.resets_at});
  });
  return all;
}

/// The one that stops a client first.
const Decision& Tighter(const Decision& client, const Decision& tenant) {
  if (!tenant.allowed) return tenant;
  return tenant.remaining < client.remaining ? tenant : client;
}

}  // namespace

RateLimits::RateLimits(const base::Clock& clock, Options options)
    : window_(options.window),
      window_s_(std::chrono::ceil<std::chrono::seconds>(options.window)),
      exempt_(std::move(options.exempt)),
      addresses_(clock, window_, options.max_addresses),
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
  return LimitVerdict{name, window_s_, client.allowed ? Tighter(client, tenant) : client};
}

std::optional<LimitVerdict> RateLimits::Take(LimitPolicy policy, const base::IpAddress& address) {
  return TakeForAddress(static_cast<std::size_t>(policy), address);
}

std::optional<LimitVerdict> RateLimits::NoteAuthFailure(const base::IpAddress& address) {
  return TakeForAddress(kAuthFailures, address);
}

std::optional<LimitVerdict> RateLimits::TakeForAddress(std::size_t policy, const base::IpAddress& address) {
  const std::uint32_t budget = budgets_[policy].load(std::memory_order_relaxed);
  if (budget == 0 || base::AnyContains(exempt_, address)) return std::nullopt;
  return LimitVerdict{NameOf(policy), window_s_, addresses_.Take(KeyOf(address.LimitKey(), policy), budget)};
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

std::vector<RateLimits::Used> RateLimits::Clients() const { return UsedOf(clients_); }
std::vector<RateLimits::Used> RateLimits::Addresses() const { return UsedOf(addresses_); }

void RateLimits::Reset(const std::array<std::uint64_t, 2>& client, std::optional<LimitPolicy> policy) {
  for (std::size_t number = 0; number < model::kLimitPolicies; ++number) {
    if (!policy || number == static_cast<std::size_t>(*policy)) clients_.Reset(KeyOf(client, number));
  }
}

void RateLimits::ResetAll() {
  addresses_.ResetAll();
  clients_.ResetAll();
  tenants_.ResetAll();
}

RateLimits::Sizes RateLimits::sizes() const { return {addresses_.size(), clients_.size(), tenants_.size()}; }

std::array<std::uint64_t, 2> LimitKeyOf(const base::ClientId& client) {
  const crypto::Sha256Digest digest = crypto::Sha256(client.value());
  std::array<std::uint64_t, 2> key;
  std::memcpy(key.data(), digest.data(), sizeof key);
  return key;
}

}  // namespace portal::http
