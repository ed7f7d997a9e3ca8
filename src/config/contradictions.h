#pragma once

#include "config/load.h"

namespace portal::config {

/// What is wrong between keys whose values are right in themselves; each line names the keys, where their
/// values came from, and the remedy.
Problems Contradictions(const Loaded& loaded);

}  // namespace portal::config
