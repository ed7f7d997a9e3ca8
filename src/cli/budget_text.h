#pragma once

#include <string>

#include "model/budgets.h"

namespace portal::cli {

/// `contacts 600, downloads unlimited`, or `-` where none is set.
std::string BudgetText(const model::Budgets& budgets);

}  // namespace portal::cli
