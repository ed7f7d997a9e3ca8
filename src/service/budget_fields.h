#pragma once

#include <string>

#include "base/json_object.h"
#include "model/budgets.h"

namespace portal::service {

/// `budget_contacts`: what a policy's budget is called as a member of a tenant or a client, in all JSON that has one.
std::string BudgetField(model::LimitPolicy policy);

/// A member for each policy, null for what holds without a budget.
void WriteBudgets(const model::Budgets& budgets, base::JsonObject& json);

}  // namespace portal::service
