#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "metrics/histogram.h"

namespace portal::metrics {

/// A pattern as metrics name it, the same in every version of the API: `/v1/jobs/{jobId}` is `/v*/jobs/{jobId}`.
std::string EndpointLabel(std::string_view pattern);

/// What has been answered to one method at one endpoint.
struct RequestSeries {
  std::size_t endpoint = 0;                 ///< index into `RequestReading::endpoints`
  std::size_t method = 0;                   ///< index into `RequestReading::methods`
  std::array<std::uint64_t, 5> by_class{};  ///< answers with status 1xx, 2xx, … 5xx
  HistogramReading duration{};              ///< from the complete head to the handler's end

  std::uint64_t total() const { return duration.count(); }
  std::uint64_t errors() const { return by_class[4]; }  ///< status 500 and above
};

/// A copy of all there is, not quite of one instant.
struct RequestReading {
  std::vector<std::string> endpoints;  ///< labels; the last one is `other`
  std::vector<std::string> methods;    ///< labels; the last one is `other`
  /// By endpoint, then method: the first method of every endpoint, and whatever else has been asked for.
  std::vector<RequestSeries> series;
};

/// Counts and times requests by endpoint and method. Each worker has cells of its own, so that noting a request takes
/// no lock and no locked instruction; `Read` adds them up.
class RequestMetrics {
 public:
  /// `endpoints` and `methods` are labels; `other` is added to both. The first method is the one that every endpoint
  /// shows from 0.
  RequestMetrics(std::vector<std::string> endpoints, std::vector<std::string> methods, std::size_t workers);
  ~RequestMetrics();
  RequestMetrics(const RequestMetrics&) = delete;
  RequestMetrics& operator=(const RequestMetrics&) = delete;

  struct Answered {
    std::size_t endpoint;  ///< its index, or any beyond the last: other
    std::size_t method;    ///< likewise
    int status;            ///< 100 to 599
    std::chrono::nanoseconds duration;
    std::string_view trace_id;  ///< empty: no exemplar
    base::WallTime now;
  };
  /// REQUIRES: nobody else notes as this worker at the same time.
  void Note(base::WorkerId worker, const Answered& answered);

  /// Thread-safe.
  RequestReading Read() const;

 private:
  struct Cell;
  struct Worker {
    std::vector<std::atomic<Cell*>> cells;     // by endpoint and method; null until first used
    std::vector<std::unique_ptr<Cell>> owned;  // touched by that worker alone
  };

  Cell& CellOf(Worker& worker, std::size_t index);

  const std::vector<std::string> endpoints_;
  const std::vector<std::string> methods_;
  std::vector<Worker> workers_;
};

}  // namespace portal::metrics
