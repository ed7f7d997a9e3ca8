#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace portal::model {

/// What kinds of requests are counted apart. A single row shares its list's policy. The order is the store's columns'.
enum class LimitPolicy : std::uint8_t { kHealth, kContacts, kJobs, kFiles, kDownloads };

/// In the order of LimitPolicy: in headers, configuration and JSON.
inline constexpr std::array<std::string_view, 5> kLimitPolicyNames = {"health", "contacts", "jobs", "files",
                                                                      "downloads"};
inline constexpr std::size_t kLimitPolicies = kLimitPolicyNames.size();
inline constexpr std::array<LimitPolicy, kLimitPolicies> kEveryLimitPolicy = {
    LimitPolicy::kHealth, LimitPolicy::kContacts, LimitPolicy::kJobs, LimitPolicy::kFiles, LimitPolicy::kDownloads};
/// Far more than anybody can send.
inline constexpr std::uint32_t kMaxBudget = 1'000'000'000;

/// How many requests of each kind are let through in any interval of the window's length; 0: as many as come. Unset is
/// what the configuration says for a client, and no budget for a tenant as a whole.
class Budgets {
 public:
  std::optional<std::uint32_t> Of(LimitPolicy policy) const {
    const std::uint32_t value = values_[static_cast<std::size_t>(policy)];
    return value == kUnset ? std::nullopt : std::optional(value);
  }
  /// REQUIRES: budget <= kMaxBudget, if there is one.
  void Set(LimitPolicy policy, std::optional<std::uint32_t> budget) {
    values_[static_cast<std::size_t>(policy)] = budget.value_or(kUnset);
  }
  friend bool operator==(const Budgets&, const Budgets&) = default;

 private:
  static constexpr std::uint32_t kUnset = UINT32_MAX;
  std::array<std::uint32_t, kLimitPolicies> values_ = {kUnset, kUnset, kUnset, kUnset, kUnset};
};

/// What of budgets is to change, by policy: unset stays, an inner nullopt goes back to what holds without one.
struct BudgetChange {
  std::array<std::optional<std::optional<std::uint32_t>>, kLimitPolicies> of{};

  /// The one that makes any budgets these.
  static BudgetChange To(const Budgets& budgets) {
    BudgetChange change;
    for (const LimitPolicy policy : kEveryLimitPolicy) change.Set(policy, budgets.Of(policy));
    return change;
  }
  void Set(LimitPolicy policy, std::optional<std::uint32_t> budget) { of[static_cast<std::size_t>(policy)] = budget; }
  bool empty() const {
    for (const auto& change : of) {
      if (change) return false;
    }
    return true;
  }
  void ApplyTo(Budgets& budgets) const {
    for (std::size_t policy = 0; policy < kLimitPolicies; ++policy) {
      if (of[policy]) budgets.Set(static_cast<LimitPolicy>(policy), *of[policy]);
    }
  }
};

}  // namespace portal::model
