#include "cli/budget_text.h"

namespace portal::cli {

std::string BudgetText(const model::Budgets& budgets) {
  std::string text;
  for (const model::LimitPolicy policy : model::kEveryLimitPolicy) {
    const auto budget = budgets.Of(policy);
    if (!budget) continue;
    text.append(text.empty() ? "" : ", ").append(model::kLimitPolicyNames[static_cast<std::size_t>(policy)]);
    text += *budget == 0 ? " unlimited" : " " + std::to_string(*budget);
  }
  return text.empty() ? "-" : text;
}

}  // namespace portal::cli
