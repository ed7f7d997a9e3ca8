#pragma once

#include "control/json_fields.h"
#include "model/budgets.h"
#include "service/budget_fields.h"

namespace portal::control {

/// The members `budget_health`, `budget_contacts`, … of tenants and clients: requests in any rate_limits.window, 0 for
/// no limit, null for what holds without one.
model::BudgetChange ReadBudgets(JsonFields& fields);
using service::WriteBudgets;

}  // namespace portal::control
