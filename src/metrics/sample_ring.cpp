#include "metrics/sample_ring.h"

#include <algorithm>
#include <utility>

namespace portal::metrics {
namespace {

TrafficSample::Endpoint SampleOf(std::size_t index, const EndpointTotals& totals) {
  TrafficSample::Endpoint sample{index, totals.requests, totals.errors};
  for (std::size_t i = 0; i < kSampleQuantiles.size(); ++i) {
    sample.durations_ms[i] = Quantile(totals, kSampleQuantiles[i]).value_or(std::chrono::milliseconds{0}).count();
  }
  return sample;
}

}  // namespace

SampleRing::SampleRing(const RequestReading& first, const base::Clock& clock)
    : clock_(clock),
      endpoints_(first.endpoints),
      since_(clock.Wall()),
      last_(TotalsOf(first)),
      last_at_(clock.Unmoved()) {}

void SampleRing::Note(const RequestReading& reading) {
  std::vector<EndpointTotals> totals = TotalsOf(reading);
  const base::MonotonicTime now = clock_.Unmoved();
  const base::MutexLock lock(mu_);
  TrafficSample sample{++last_id_, clock_.Wall(), std::chrono::round<std::chrono::milliseconds>(now - last_at_), {}};
  for (std::size_t i = 0; i < totals.size(); ++i) {
    const EndpointTotals came = Difference(totals[i], last_[i]);
    if (came.requests > 0) sample.endpoints.push_back(SampleOf(i, came));
  }
  last_ = std::move(totals);
  last_at_ = now;
  samples_.push_back(std::move(sample));
  if (samples_.size() > kSamples) samples_.pop_front();
}

std::vector<TrafficSample> SampleRing::After(std::uint64_t id) const {
  const base::MutexLock lock(mu_);
  const auto from = id > last_id_ ? samples_.begin()
                                  : std::ranges::upper_bound(samples_, id, std::ranges::less{}, &TrafficSample::id);
  return {from, samples_.end()};
}

}  // namespace portal::metrics
