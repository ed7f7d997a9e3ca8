#include <optional>
#include <string>
#include <string_view>

#include "base/json_object.h"
#include "control/json_fields.h"
#include "control/test_handlers.h"
#include "http/rate_limits.h"

namespace portal::control {

namespace {

using http::RateLimits;

/// Puts the member into `budget`, where it is there and good.
void ReadBudget(JsonFields& fields, std::string_view name, std::uint32_t& budget) {
  const auto number = fields.IntegerOrNull(name);
  if (!number) return;
  if (!*number || **number < 0 || **number > model::kMaxBudget) {
    fields.Refuse(name, "Must be a whole number from 0, which is no limit, to " + std::to_string(model::kMaxBudget));
  } else {
    budget = static_cast<std::uint32_t>(**number);
  }
}

std::string Json(const RateLimits::Budgets& budgets) {
  base::JsonObject json;
  for (std::size_t policy = 0; policy < model::kLimitPolicies; ++policy) {
    json.Number(model::kLimitPolicyNames[policy], budgets.of_client[policy]);
  }
  return json.Number(http::kAuthFailuresPolicy, budgets.auth_failures).Done();
}

}  // namespace

Result<Answer> SetTestLimits(const Context& context, Request& request) {
  auto fields = JsonFields::Read(request);
  if (!fields) return base::Fail(std::move(fields).error());
  RateLimits::Budgets budgets = context.limits.budgets();
  for (std::size_t policy = 0; policy < model::kLimitPolicies; ++policy) {
    ReadBudget(*fields, model::kLimitPolicyNames[policy], budgets.of_client[policy]);
  }
  ReadBudget(*fields, http::kAuthFailuresPolicy, budgets.auth_failures);
  if (auto good = fields->Finish(); !good) return base::Fail(std::move(good).error());
  context.limits.SetBudgets(budgets);
  Answer answer;
  answer.body = Json(budgets);
  return answer;
}

}  // namespace portal::control
