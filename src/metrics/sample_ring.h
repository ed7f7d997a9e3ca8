#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/mutex.h"
#include "metrics/endpoint_totals.h"
#include "metrics/request_metrics.h"

namespace portal::metrics {

/// What happened in about a second.
struct TrafficSample {
  /// At an endpoint that has had requests.
  struct Endpoint {
    std::size_t index = 0;  ///< into SampleRing::endpoints
    std::uint64_t requests = 0;
    std::uint64_t errors = 0;              ///< status 500 and above
    std::array<double, 3> durations_ms{};  ///< by kSampleQuantiles
  };

  std::uint64_t id = 0;  ///< counts from 1
  base::WallTime at;     ///< its end
  std::chrono::milliseconds length{};
  std::vector<Endpoint> endpoints;
};

inline constexpr std::array<double, 3> kSampleQuantiles = {0.5, 0.95, 0.99};

/// The last quarter of an hour, a sample a second, for charts that have something to show at once. Holds at most
/// kSamples of them, each as large as there are endpoints that have had requests. Thread-safe.
class SampleRing {
 public:
  static constexpr std::size_t kSamples = 900;

  /// `first` is what the first sample is compared with. `clock` is borrowed.
  SampleRing(const RequestReading& first, const base::Clock& clock);

  /// Makes a sample of what has come since the last one. REQUIRES: `reading` is younger than the last one.
  void Note(const RequestReading& reading);

  /// The samples with a greater id, the oldest first. All of them where there has never been an id as great: whoever
  /// asks has it from the process before.
  std::vector<TrafficSample> After(std::uint64_t id) const;

  /// Labels.
  const std::vector<std::string>& endpoints() const { return endpoints_; }
  base::WallTime since() const { return since_; }

 private:
  const base::Clock& clock_;
  const std::vector<std::string> endpoints_;
  const base::WallTime since_;
  mutable base::Mutex mu_;
  std::vector<EndpointTotals> last_ GUARDED_BY(mu_);
  base::MonotonicTime last_at_ GUARDED_BY(mu_);
  std::uint64_t last_id_ GUARDED_BY(mu_) = 0;
  std::deque<TrafficSample> samples_ GUARDED_BY(mu_);
};

}  // namespace portal::metrics
