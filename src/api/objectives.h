#pragma once

#include <vector>

#include "metrics/service_levels.h"

namespace portal::api {

/// What the API promises, for each route that is counted against a budget: those are what clients come for.
std::vector<metrics::Objective> Objectives();

}  // namespace portal::api
