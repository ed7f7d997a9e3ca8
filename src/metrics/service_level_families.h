#pragma once

#include "metrics/family.h"
#include "metrics/service_levels.h"

namespace portal::metrics {

/// What the process itself says of its promises. Where an endpoint has had no requests, its latencies are NaN.
void AddServiceLevelFamilies(const ServiceLevelReport& report, Families& families);

}  // namespace portal::metrics
