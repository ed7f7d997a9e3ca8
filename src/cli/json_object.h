#pragma once

#include "base/json_object.h"

// What the commands print with --json.
namespace portal::cli {

using base::JsonArray;
using base::JsonObject;

}  // namespace portal::cli
