#pragma once

#include <string>
#include <tl/expected.hpp>

#include "cli/words.h"
#include "model/budgets.h"

namespace portal::cli {

/// `POLICY N` of the commands that set a budget, as they were typed.
struct BudgetGiven {
  std::string policy;
  std::string budget;
};

/// `otherwise`: what holds by default, for --help.
void AddBudgetWords(Words& command, BudgetGiven& given, const std::string& otherwise);

/// The error is a line of usage. REQUIRES: `policy` is one, as AddBudgetWords sees to.
tl::expected<model::BudgetChange, std::string> ReadBudget(const BudgetGiven& given);

}  // namespace portal::cli
