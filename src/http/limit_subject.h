#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <string_view>

#include "base/ids.h"
#include "model/budgets.h"
#include "resilience/window_table.h"

namespace portal::http {

/// What a client's, a tenant's or an address's requests are counted under.
using LimitKey = std::array<std::uint64_t, 2>;

/// Whose requests are counted together: a client's, and beside them its tenant's where that has a budget.
struct LimitSubject {
  LimitKey client{};  ///< LimitKeyOf
  base::TenantId tenant;
  model::Budgets client_budgets;
  model::Budgets tenant_budgets;
};

/// What a budget said of a request, for its answer's headers.
struct LimitVerdict {
  std::string_view policy;        ///< one of model::kLimitPolicyNames, or kAuthFailuresPolicy
  std::chrono::seconds window{};  ///< rounded up
  resilience::Decision decision;

  /// Until `decision.resets_at`, rounded up: whoever waits for so long has not come too early.
  std::int64_t SecondsLeft() const {
    return std::chrono::ceil<std::chrono::seconds>(decision.resets_at - decision.decided_at).count();
  }
};

/// The key under which a client's requests are counted: drawn from its id, so that it is the same for every worker.
LimitKey LimitKeyOf(const base::ClientId& client);
/// The key of what a tenant's clients use together.
LimitKey LimitKeyOf(const base::TenantId& tenant);
/// The tenant that a key of tenants is of.
base::TenantId TenantOf(const LimitKey& key);

}  // namespace portal::http
