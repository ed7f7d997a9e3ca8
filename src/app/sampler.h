#pragma once

#include <thread>

#include "base/stop_signal.h"
#include "metrics/request_metrics.h"
#include "metrics/sample_ring.h"
#include "metrics/service_levels.h"

namespace portal::app {

/// A thread that tells the ring of samples and the service levels once a second what has been answered. Maintenance
/// could not: it waits for disks, and a portal whose disk hangs is when somebody looks at the charts.
class Sampler {
 public:
  /// All are borrowed.
  Sampler(const metrics::RequestMetrics& requests, metrics::SampleRing& samples, metrics::ServiceLevels& levels);
  ~Sampler();
  Sampler(const Sampler&) = delete;

 private:
  void Run();

  const metrics::RequestMetrics& requests_;
  metrics::SampleRing& samples_;
  metrics::ServiceLevels& levels_;
  base::StopSignal stop_;
  std::thread thread_;  // last: it uses all of the above
};

}  // namespace portal::app
