#pragma once

#include <string>

#include "base/json_object.h"
#include "control/answer.h"
#include "model/scopes.h"

namespace portal::control {

/// `["read","write"]`
std::string ScopesJson(model::Scopes scopes);
/// `{"data":[…]}`
Answer ListOf(const base::JsonArray& rows);
/// 201 with what was made, and where it is found.
Answer CreatedAt(std::string location, std::string json);

}  // namespace portal::control
