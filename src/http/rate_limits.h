#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "base/ip_address.h"
#include "base/ip_network.h"
#include "http/limit_subject.h"
#include "model/budgets.h"
#include "resilience/window_table.h"

namespace portal::http {

inline constexpr std::string_view kAuthFailuresPolicy = "auth_failures";

/// The portal's budgets: so many requests of each policy in any interval of the window's length, counted for a client,
/// or for an address where there is none. Clients, tenants, addresses and addresses' bad tokens have tables of their
/// own, so that a flood in one takes nobody's room in another. Thread-safe.
class RateLimits {
 public:
  /// What may change while the portal serves.
  struct Budgets {
    std::array<std::uint32_t, model::kLimitPolicies> of_client{};  ///< by LimitPolicy; 0: no limit
    std::uint32_t auth_failures = 0;                               ///< of an address; 0: no limit
  };
  struct Options {
    std::chrono::microseconds window{std::chrono::seconds{60}};  ///< at most resilience::SlidingWindow::kMaxLength
    Budgets budgets;
    /// Windows of addresses, and as many of their bad tokens; beyond, strangers share one for each policy. The default
    /// has room for all of an IPv6 /48, which is 65,536 networks of the size that is counted as one.
    std::size_t max_addresses = 100'000;
    std::size_t max_clients = 100'000;    ///< windows of clients, and as many of tenants
    std::vector<base::IpNetwork> exempt;  ///< addresses that are not counted by address
  };

  RateLimits(const base::Clock& clock, Options options);

  /// nullopt: there is no limit. Where both the client's budget and its tenant's apply, the tighter one speaks, and a
  /// request counts against both or none; where both refuse, the later one, so that whoever waits for it gets through.
  std::optional<LimitVerdict> Take(model::LimitPolicy policy, const LimitSubject& subject);
  std::optional<LimitVerdict> Take(model::LimitPolicy policy, const base::IpAddress& address);
  /// Counts a token or signature that was no good. Not allowed: this address has sent too many of them.
  std::optional<LimitVerdict> NoteAuthFailure(const base::IpAddress& address);

  Budgets budgets() const;
  void SetBudgets(const Budgets& budgets);
  std::chrono::microseconds window() const { return window_; }

  /// A window with requests in it, or nearly.
  struct Used {
    LimitKey key{};  ///< of a client or a tenant: LimitKeyOf; of an address: its LimitKey
    std::string_view policy;
    std::uint32_t used = 0;
    std::uint32_t refused = 0;  ///< since the window was last empty
    base::MonotonicTime resets_at;
  };
  /// All that have sent something within the window, in no order. Takes time in proportion to their number.
  std::vector<Used> Clients() const;
  std::vector<Used> Tenants() const;
  std::vector<Used> Addresses() const;

  /// What a client of these budgets may send, 0: as much as it likes.
  std::uint32_t BudgetOf(model::LimitPolicy policy, const model::Budgets& own) const;

  /// Forgets what was counted for a client, of a policy or of all. What its tenant's clients have used together stays.
  void Reset(const LimitKey& client, std::optional<model::LimitPolicy> policy);
  /// The same of what a tenant's clients have used together; what each has used stays.
  void Reset(const base::TenantId& tenant, std::optional<model::LimitPolicy> policy);
  /// The same of an address, or of the network that has this key; of all policies: bad tokens too.
  void ResetAddress(const LimitKey& address, std::optional<model::LimitPolicy> policy);
  void ResetAuthFailures(const LimitKey& address);
  /// For everybody.
  void ResetPolicy(model::LimitPolicy policy);
  void ResetAll();

  struct Sizes {
    resilience::WindowTable::Size addresses;
    resilience::WindowTable::Size auth_failures;
    resilience::WindowTable::Size clients;
    resilience::WindowTable::Size tenants;
  };
  Sizes sizes() const;

 private:
  std::optional<LimitVerdict> TakeForAddress(resilience::WindowTable& table, std::size_t policy,
                                             const base::IpAddress& address);

  const std::chrono::microseconds window_;
  const std::chrono::seconds window_s_;
  const std::vector<base::IpNetwork> exempt_;
  std::array<std::atomic<std::uint32_t>, model::kLimitPolicies + 1> budgets_{};  // the last: auth failures
  resilience::WindowTable addresses_;
  resilience::WindowTable auth_failures_;
  resilience::WindowTable clients_;
  resilience::WindowTable tenants_;
};

}  // namespace portal::http
