#include "metrics/histogram.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace portal::metrics {

std::size_t BucketOf(std::chrono::nanoseconds duration) {
  return static_cast<std::size_t>(std::lower_bound(kDurationBounds.begin(), kDurationBounds.end(), duration) -
                                  kDurationBounds.begin());
}

std::uint64_t HistogramReading::count() const {
  return std::accumulate(buckets.begin(), buckets.end(), std::uint64_t{0});
}

std::optional<Milliseconds> HistogramReading::Quantile(double q) const {
  const auto total = static_cast<double>(count());
  if (total == 0) return std::nullopt;
  const double rank = q * total;
  double below = 0;
  for (std::size_t i = 0; i < kDurationBounds.size(); ++i) {
    const auto here = static_cast<double>(buckets[i]);
    if (here > 0 && below + here >= rank) {
      const Milliseconds from = i == 0 ? Milliseconds(0) : Milliseconds(kDurationBounds[i - 1]);
      return from + (Milliseconds(kDurationBounds[i]) - from) * ((rank - below) / here);
    }
    below += here;
  }
  return Milliseconds(kDurationBounds.back());
}

void Histogram::Observe(std::chrono::nanoseconds duration, std::string_view trace_id, base::WallTime now) {
  const std::size_t bucket = BucketOf(duration);
  buckets_[bucket].Add();
  sum_.Add(std::max<std::int64_t>(0, duration.count()));
  exemplars_[bucket].Put(trace_id, duration, now);
}

void Histogram::AddTo(HistogramReading& reading) const {
  for (std::size_t i = 0; i < kDurationBuckets; ++i) {
    reading.buckets[i] += buckets_[i].read();
    auto exemplar = exemplars_[i].Get();
    const bool newer = exemplar && (!reading.exemplars[i] || reading.exemplars[i]->at < exemplar->at);
    if (newer) reading.exemplars[i] = std::move(exemplar);
  }
  reading.sum += std::chrono::nanoseconds(sum_.read());
}

}  // namespace portal::metrics
