#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "http/request.h"
#include "http/router.h"
#include "metrics/family.h"
#include "metrics/request_metrics.h"
#include "metrics/worker_counters.h"
#include "model/budgets.h"

namespace portal::http {

/// What the data plane counts of its requests. A request is noted by the worker it is with, `Request::worker`, and each
/// worker has cells of its own, so that no lock is taken. `router` is borrowed.
class Traffic {
 public:
  Traffic(const Router& router, std::size_t workers);

  /// Its answer is known, and `duration` the time since its head was complete. Once a request.
  void NoteAnswer(const Request& request, int status, std::chrono::nanoseconds duration);
  /// `request.limit` has just been set: a budget was asked.
  void NoteDecision(const Request& request);
  /// The last byte of an answer is with the kernel, or the client is gone, so long after its head was complete. Counts
  /// blobs, whole or in part.
  void NoteEnd(const Request& request, int status, std::chrono::nanoseconds duration);

  const metrics::RequestMetrics& requests() const { return requests_; }

  /// The families of all of this. Thread-safe.
  void AddTo(metrics::Families& families) const;

 private:
  const Router& router_;
  metrics::RequestMetrics requests_;
  metrics::WorkerCounters decisions_;          // by policy, refused and allowed
  std::vector<metrics::Histogram> transfers_;  // by worker
};

}  // namespace portal::http
