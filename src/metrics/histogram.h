#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/clock.h"
#include "base/single_writer_counter.h"
#include "metrics/exemplar_slot.h"

namespace portal::metrics {

/// As metrics print durations.
using Milliseconds = std::chrono::duration<double, std::milli>;

/// The upper bounds of durations' buckets, each inclusive. They hold the bounds of the objectives (50 ms to 1 s), since
/// a share of requests within a bound is exact only where that bound is one of a bucket.
inline constexpr auto kDurationBounds = [] {
  using namespace std::chrono_literals;
  return std::array<std::chrono::nanoseconds, 20>{100us, 250us, 500us,  1ms,    2500us, 5ms,   10ms,
                                                  25ms,  50ms,  100ms,  200ms,  300ms,  400ms, 500ms,
                                                  600ms, 800ms, 1000ms, 2500ms, 5s,     10s};
}();
/// One for each bound, and one for what is longer than all of them.
inline constexpr std::size_t kDurationBuckets = kDurationBounds.size() + 1;

/// Index of the bucket that `duration` counts in; a negative duration counts as none.
std::size_t BucketOf(std::chrono::nanoseconds duration);

/// What a histogram held at some time. Buckets are counted each by itself, not up to their bounds.
struct HistogramReading {
  std::array<std::uint64_t, kDurationBuckets> buckets{};
  std::chrono::nanoseconds sum{0};
  std::array<std::optional<Exemplar>, kDurationBuckets> exemplars{};  ///< the latest of each bucket

  std::uint64_t count() const;

  /// The duration that the share `q` in [0, 1] of observations do not exceed, linear within a bucket as PromQL's
  /// histogram_quantile has it; the greatest bound where it lies beyond; nullopt where nothing was observed.
  std::optional<Milliseconds> Quantile(double q) const;
};

/// Durations as one thread observes them, read by any: no locked instruction on the way of a request.
class Histogram {
 public:
  /// An empty `trace_id` leaves no exemplar. REQUIRES: no other thread observes.
  void Observe(std::chrono::nanoseconds duration, std::string_view trace_id, base::WallTime now);

  void AddTo(HistogramReading& reading) const;

 private:
  std::array<base::SingleWriterCounter<std::uint64_t>, kDurationBuckets> buckets_;
  base::SingleWriterCounter<std::int64_t> sum_;  // ns
  std::array<ExemplarSlot, kDurationBuckets> exemplars_{};
};

}  // namespace portal::metrics
