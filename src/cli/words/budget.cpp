#include "cli/words/budget.h"

#include <algorithm>
#include <charconv>
#include <optional>

namespace portal::cli {

void AddBudgetWords(Words& command, BudgetGiven& given, const std::string& otherwise) {
  command.Option("POLICY", given.policy, "Requests of which kind")
      .Required()
      .OneOf({model::kLimitPolicyNames.begin(), model::kLimitPolicyNames.end()});
  command.Option("N", given.budget, "The most of them in any rate_limits.window; 0: no limit; default: " + otherwise)
      .Required();
}

tl::expected<model::BudgetChange, std::string> ReadBudget(const BudgetGiven& given) {
  const auto at = std::ranges::find(model::kLimitPolicyNames, given.policy);
  const auto policy = static_cast<model::LimitPolicy>(at - model::kLimitPolicyNames.begin());
  model::BudgetChange change;
  if (given.budget == "default") {
    change.Set(policy, std::nullopt);
    return change;
  }
  std::uint32_t budget = 0;
  const char* const end = given.budget.data() + given.budget.size();
  const auto [stopped, error] = std::from_chars(given.budget.data(), end, budget);
  if (error != std::errc() || stopped != end || budget > model::kMaxBudget) {
    return tl::unexpected("N: \"" + given.budget + "\" is neither a number of requests, 0 to " +
                          std::to_string(model::kMaxBudget) + ", nor default");
  }
  change.Set(policy, budget);
  return change;
}

}  // namespace portal::cli
