#pragma once

#include <string>

#include "base/json_object.h"
#include "control/answer.h"

namespace portal::control {

/// `{"data":[…]}`
Answer ListOf(const base::JsonArray& rows);
/// 201 with what was made, and where it is found.
Answer CreatedAt(std::string location, std::string json);

}  // namespace portal::control
