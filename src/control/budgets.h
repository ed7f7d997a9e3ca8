#pragma once

#include "base/json_object.h"
#include "control/json_fields.h"
#include "model/budgets.h"

namespace portal::control {

/// The members `budget_health`, `budget_contacts`, … of tenants and clients: requests in any rate_limits.window, 0 for
/// no limit, null for what holds without one.
model::BudgetChange ReadBudgets(JsonFields& fields);
void WriteBudgets(const model::Budgets& budgets, base::JsonObject& json);

}  // namespace portal::control
