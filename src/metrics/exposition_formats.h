#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "metrics/exposition.h"

namespace portal::metrics {

/// A bucket's bound as its label in every format: `0.1`, `50.0` (OpenMetrics 1.0, "Considerations: Canonical Numbers");
/// `+Inf` of the last bucket.
std::string_view BoundText(std::size_t bucket);

/// The Prometheus text format 0.0.4, or OpenMetrics 1.0, which differ little. REQUIRES: `format` is not kJson.
std::string ExposeText(std::span<const Family> families, Format format);

/// `{"families":[{"name","type","help","samples":[{"labels":{},"value"}]}]}`; samples of histograms have `count`, `sum`
/// and, from bound to bound adding up, `buckets`, and `quantiles` where something was observed. A value that is no
/// number is null.
std::string ExposeJson(std::span<const Family> families);

}  // namespace portal::metrics
