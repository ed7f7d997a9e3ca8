#pragma once

#include "base/clock.h"
#include "metrics/family.h"

namespace portal::metrics {

/// What Prometheus expects to know of every process, as of now: processor time, memory, descriptors, start. What the
/// kernel does not tell is left out.
void AddProcessFamilies(base::WallTime started, Families& families);

/// `portal_build_info`.
void AddBuildFamily(Families& families);

}  // namespace portal::metrics
