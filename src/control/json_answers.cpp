#include "control/json_answers.h"

#include <utility>

namespace portal::control {

std::string ScopesJson(model::Scopes scopes) {
  base::JsonArray names;
  for (const auto& [name, scope] : model::kScopeNames) {
    if (scopes.Has(scope)) names.AddText(name);
  }
  return names.Done();
}

Answer ListOf(const base::JsonArray& rows) {
  Answer answer;
  answer.body = base::JsonObject().Json("data", rows.Done()).Done();
  return answer;
}

Answer CreatedAt(std::string location, std::string json) {
  Answer answer;
  answer.status = 201;
  answer.body = std::move(json);
  answer.Add("Location", std::move(location));
  return answer;
}

}  // namespace portal::control
