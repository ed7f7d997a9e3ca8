#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/mutex.h"
#include "metrics/endpoint_totals.h"
#include "metrics/request_metrics.h"
#include "metrics/totals_history.h"

namespace portal::metrics {

/// How long 95 and 99 of a hundred requests may take at the most. Both are bounds of kDurationBounds, so that they are
/// judged exactly.
struct LatencyTargets {
  std::chrono::milliseconds p95;
  std::chrono::milliseconds p99;
};

/// What an endpoint promises beside the availability, which all of them do.
struct Objective {
  std::string endpoint;                   ///< its label
  std::optional<LatencyTargets> latency;  ///< nullopt: none, since it depends on the size of what is asked for
};

struct Window {
  std::string_view name;
  std::chrono::seconds length;
  std::chrono::seconds step;  ///< by how much it may be longer
};

inline constexpr std::array<Window, 4> kWindows = {{
    {"5m", std::chrono::minutes{5}, std::chrono::seconds{5}},
    {"1h", std::chrono::hours{1}, std::chrono::minutes{1}},
    {"6h", std::chrono::hours{6}, std::chrono::minutes{5}},
    {"3d", std::chrono::hours{72}, std::chrono::hours{1}},
}};

/// How an endpoint has done within a window.
struct ServiceLevel {
  std::uint64_t requests = 0;
  std::uint64_t errors = 0;            ///< status 500 and above: all else, 429 among it, is no failure of the portal's
  std::optional<double> availability;  ///< share of requests that were no errors; nullopt: there were no requests
  double burn_rate = 0;                ///< share of errors for each that the target allows: at 1, the budget just lasts
  double budget_remaining = 1;         ///< of the errors that the window's requests allow; negative: overdrawn
  std::optional<Milliseconds> p50;
  std::optional<Milliseconds> p95;
  std::optional<Milliseconds> p99;
  std::optional<bool> met;  ///< every target; nullopt: there were no requests
};

struct ServiceLevelReport {
  std::uint32_t availability_target_ppm = 0;
  base::WallTime since;                                ///< when the process began to count
  std::array<base::WallTime, kWindows.size()> starts;  ///< of the windows: never before `since`
  struct Endpoint {
    const Objective* objective;  ///< lives as long as the ServiceLevels
    std::array<ServiceLevel, kWindows.size()> windows;
  };
  std::vector<Endpoint> endpoints;
};

/// Holds what is answered against what was promised, over each of kWindows. Begins anew with the process; remembers
/// less than 200 bytes for each endpoint, window and step. Thread-safe.
class ServiceLevels {
 public:
  /// `first` is what counts as nothing. `clock` is borrowed. REQUIRES: `first` has every objective's endpoint.
  ServiceLevels(std::vector<Objective> objectives, std::uint32_t availability_target_ppm, const RequestReading& first,
                const base::Clock& clock);

  /// Requests of a million that must be no errors, from now on and for what has been. REQUIRES: less than a million.
  void SetAvailabilityTarget(std::uint32_t ppm);

  /// To be told about once a second. REQUIRES: `reading` is younger than the last one.
  void Note(const RequestReading& reading);

  /// As of the last reading.
  ServiceLevelReport Report() const;

 private:
  TotalsHistory::Entry EntryOf(const RequestReading& reading) const;

  const base::Clock& clock_;
  const std::vector<Objective> objectives_;
  const base::WallTime since_;
  mutable base::Mutex mu_;
  std::uint32_t target_ppm_ GUARDED_BY(mu_);
  std::vector<TotalsHistory> histories_ GUARDED_BY(mu_);  // one for each of kWindows
};

}  // namespace portal::metrics
