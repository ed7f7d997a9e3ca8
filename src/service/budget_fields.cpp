#include "service/budget_fields.h"

namespace portal::service {

std::string BudgetField(model::LimitPolicy policy) {
  return "budget_" + std::string(model::kLimitPolicyNames[static_cast<std::size_t>(policy)]);
}

void WriteBudgets(const model::Budgets& budgets, base::JsonObject& json) {
  for (const model::LimitPolicy policy : model::kEveryLimitPolicy) {
    const auto budget = budgets.Of(policy);
    json.Json(BudgetField(policy), budget ? std::to_string(*budget) : "null");
  }
}

}  // namespace portal::service
