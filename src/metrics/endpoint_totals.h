#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

#include "metrics/histogram.h"
#include "metrics/request_metrics.h"

namespace portal::metrics {

/// What one endpoint has answered, to all methods.
struct EndpointTotals {
  std::uint64_t requests = 0;
  std::uint64_t errors = 0;  ///< status 500 and above; never more than `requests`
  std::array<std::uint64_t, kDurationBuckets> durations{};

  friend bool operator==(const EndpointTotals&, const EndpointTotals&) = default;
};

/// In the order of `reading.endpoints`.
std::vector<EndpointTotals> TotalsOf(const RequestReading& reading);

/// What came between two moments. REQUIRES: `before` is the earlier one.
EndpointTotals Difference(const EndpointTotals& after, const EndpointTotals& before);

/// See HistogramReading::Quantile.
std::optional<Milliseconds> Quantile(const EndpointTotals& totals, double q);

}  // namespace portal::metrics
