#include "metrics/endpoint_totals.h"

#include <numeric>

namespace portal::metrics {

std::vector<EndpointTotals> TotalsOf(const RequestReading& reading) {
  std::vector<EndpointTotals> totals(reading.endpoints.size());
  for (const RequestSeries& series : reading.series) {
    EndpointTotals& of_endpoint = totals[series.endpoint];
    // A reading is not of one instant: the histogram may be a request behind the classes, which hold the errors.
    of_endpoint.requests += std::accumulate(series.by_class.begin(), series.by_class.end(), std::uint64_t{0});
    of_endpoint.errors += series.errors();
    for (std::size_t i = 0; i < kDurationBuckets; ++i) of_endpoint.durations[i] += series.duration.buckets[i];
  }
  return totals;
}

EndpointTotals Difference(const EndpointTotals& after, const EndpointTotals& before) {
  EndpointTotals difference{after.requests - before.requests, after.errors - before.errors, after.durations};
  for (std::size_t i = 0; i < kDurationBuckets; ++i) difference.durations[i] -= before.durations[i];
  return difference;
}

std::optional<Milliseconds> Quantile(const EndpointTotals& totals, double q) {
  HistogramReading durations;
  durations.buckets = totals.durations;
  return durations.Quantile(q);
}

}  // namespace portal::metrics
