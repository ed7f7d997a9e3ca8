#pragma once

#include <span>
#include <string>

#include "metrics/exposition.h"

namespace portal::metrics {

/// The Prometheus text format 0.0.4, or OpenMetrics 1.0, which differ little. REQUIRES: `format` is not kJson.
std::string ExposeText(std::span<const Family> families, Format format);

/// `{"families":[{"name","type","help","samples":[{"labels":{},"value"}]}]}`; samples of histograms have `count`, `sum`
/// and, from bound to bound adding up, `buckets`, and `quantiles` where something was observed. A value that is no
/// number is null.
std::string ExposeJson(std::span<const Family> families);

}  // namespace portal::metrics
