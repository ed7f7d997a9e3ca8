#include "control/budgets.h"

#include <string>

namespace portal::control {
namespace {

std::string NameOf(std::size_t policy) { return "budget_" + std::string(model::kLimitPolicyNames[policy]); }

}  // namespace

model::BudgetChange ReadBudgets(JsonFields& fields) {
  model::BudgetChange change;
  for (std::size_t policy = 0; policy < model::kLimitPolicies; ++policy) {
    const std::string name = NameOf(policy);
    const auto given = fields.IntegerOrNull(name);
    if (!given) continue;
    if (*given && (**given < 0 || **given > model::kMaxBudget)) {
      fields.Refuse(name, "Is " + std::to_string(**given) + "; must be 0, for no limit, to " +
                              std::to_string(model::kMaxBudget) + ", or null");
      continue;
    }
    change.of[policy] = *given ? std::optional(static_cast<std::uint32_t>(**given)) : std::nullopt;
  }
  return change;
}

void WriteBudgets(const model::Budgets& budgets, base::JsonObject& json) {
  for (std::size_t policy = 0; policy < model::kLimitPolicies; ++policy) {
    const auto budget = budgets.Of(static_cast<model::LimitPolicy>(policy));
    json.Json(NameOf(policy), budget ? std::to_string(*budget) : "null");
  }
}

}  // namespace portal::control
