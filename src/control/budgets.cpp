#include "control/budgets.h"

#include <string>

namespace portal::control {

model::BudgetChange ReadBudgets(JsonFields& fields) {
  model::BudgetChange change;
  for (const model::LimitPolicy policy : model::kEveryLimitPolicy) {
    const std::string name = service::BudgetField(policy);
    const auto given = fields.IntegerOrNull(name);
    if (!given) continue;
    if (*given && (**given < 0 || **given > model::kMaxBudget)) {
      fields.Refuse(name, "Is " + std::to_string(**given) + "; must be 0, for no limit, to " +
                              std::to_string(model::kMaxBudget) + ", or null");
      continue;
    }
    change.Set(policy, *given ? std::optional(static_cast<std::uint32_t>(**given)) : std::nullopt);
  }
  return change;
}

}  // namespace portal::control
