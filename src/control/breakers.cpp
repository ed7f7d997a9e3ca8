#include <array>
#include <string>
#include <utility>

#include "base/json_object.h"
#include "control/handlers.h"
#include "control/json_answers.h"
#include "control/json_fields.h"
#include "resilience/rate_text.h"

namespace portal::control {
namespace {

using resilience::BreakerTransition;
using resilience::BreakerView;
using resilience::CircuitBreaker;
using resilience::Forced;

constexpr std::array<std::pair<std::string_view, Forced>, 3> kOrders = {
    {{"open", Forced::kOpen}, {"closed", Forced::kClosed}, {"auto", Forced::kNo}}};

std::string ForcedText(Forced forced) {
  for (const auto& [order, meaning] : kOrders) {
    if (meaning == forced && forced != Forced::kNo) return '"' + std::string(order) + '"';
  }
  return "null";
}

std::string Json(const BreakerTransition& transition) {
  base::JsonObject json;
  json.Time("at", transition.at).Text("from", ToText(transition.from)).Text("to", ToText(transition.to));
  return json.Text("reason", transition.reason).Done();
}

std::string Json(CircuitBreaker& breaker) {
  const BreakerView view = breaker.View();
  base::JsonArray transitions;
  for (const BreakerTransition& transition : view.transitions) transitions.Add(Json(transition));
  base::JsonObject json;
  json.Text("name", breaker.name()).Text("state", ToText(view.state)).Time("since", view.since);
  json.Json("failure_rate", resilience::RateText(view.failure_rate));
  json.Time("opened_at", view.opened_at).Time("retry_at", view.retry_at);
  json.Text("last_failure", view.last_failure).Time("last_failure_at", view.last_failure_at);
  return json.Json("forced", ForcedText(view.forced)).Json("transitions", transitions.Done()).Done();
}

}  // namespace

Result<Answer> ListBreakers(const Context& context, Request&) {
  base::JsonArray rows;
  for (CircuitBreaker* breaker : context.breakers.All()) rows.Add(Json(*breaker));
  return ListOf(rows);
}

Result<Answer> ForceBreaker(const Context& context, Request& request) {
  CircuitBreaker* const breaker = context.breakers.Find(request.Path("name"));
  if (breaker == nullptr) return base::Fail(base::ErrorCode::kNotFound, "Circuit breaker not found");
  auto fields = JsonFields::Read(request);
  if (!fields) return base::Fail(std::move(fields).error());
  const auto state = fields->Text("state");
  fields->Require("state");
  const Forced* order = nullptr;
  for (const auto& [name, meaning] : kOrders) {
    if (state == name) order = &meaning;
  }
  if (state && order == nullptr) fields->Refuse("state", "Is \"" + *state + "\"; must be open, closed or auto");
  if (auto valid = fields->Finish(); !valid) return base::Fail(std::move(valid).error());
  breaker->Force(*order);
  Answer answer;
  answer.body = Json(*breaker);
  return answer;
}

}  // namespace portal::control
