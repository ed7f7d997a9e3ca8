#include "metrics/service_levels.h"

#include <algorithm>
#include <utility>

namespace portal::metrics {
namespace {

constexpr std::uint64_t kMillion = 1'000'000;

ServiceLevel LevelOf(const EndpointTotals& totals, const Objective& objective, std::uint32_t target_ppm) {
  ServiceLevel level;
  level.requests = totals.requests;
  level.errors = totals.errors;
  level.p50 = Quantile(totals, 0.5);
  level.p95 = Quantile(totals, 0.95);
  level.p99 = Quantile(totals, 0.99);
  if (totals.requests == 0) return level;
  const double failed = static_cast<double>(totals.errors) / static_cast<double>(totals.requests);
  level.availability = 1 - failed;
  const std::uint64_t allowed_ppm = kMillion - target_ppm;
  level.burn_rate = failed * static_cast<double>(kMillion) / static_cast<double>(allowed_ppm);
  level.budget_remaining = 1 - level.burn_rate;
  const bool fast = !objective.latency || (level.p95 <= objective.latency->p95 && level.p99 <= objective.latency->p99);
  level.met = fast && totals.errors * kMillion <= totals.requests * allowed_ppm;
  return level;
}

}  // namespace

ServiceLevels::ServiceLevels(std::vector<Objective> objectives, std::uint32_t availability_target_ppm,
                             const RequestReading& first, const base::Clock& clock)
    : clock_(clock), objectives_(std::move(objectives)), since_(clock.Wall()), target_ppm_(availability_target_ppm) {
  for (const Window& window : kWindows) histories_.emplace_back(window.length, window.step, EntryOf(first));
}

void ServiceLevels::SetAvailabilityTarget(std::uint32_t ppm) {
  const base::MutexLock lock(mu_);
  target_ppm_ = ppm;
}

TotalsHistory::Entry ServiceLevels::EntryOf(const RequestReading& reading) const {
  TotalsHistory::Entry entry{clock_.Monotonic(), clock_.Wall(), {}};
  const std::vector<EndpointTotals> totals = TotalsOf(reading);
  for (const Objective& objective : objectives_) {
    const auto at = std::ranges::find(reading.endpoints, objective.endpoint);
    entry.totals.push_back(totals.at(static_cast<std::size_t>(at - reading.endpoints.begin())));
  }
  return entry;
}

void ServiceLevels::Note(const RequestReading& reading) {
  const TotalsHistory::Entry entry = EntryOf(reading);
  const base::MutexLock lock(mu_);
  for (TotalsHistory& history : histories_) history.Note(entry);
}

ServiceLevelReport ServiceLevels::Report() const {
  const base::MutexLock lock(mu_);
  ServiceLevelReport report{target_ppm_, since_, {}, {}};
  for (const Objective& objective : objectives_) report.endpoints.push_back({&objective, {}});
  for (std::size_t window = 0; window < kWindows.size(); ++window) {
    const TotalsHistory::Entry& start = histories_[window].start();
    const TotalsHistory::Entry& now = histories_[window].now();
    report.starts[window] = start.wall;
    for (std::size_t i = 0; i < objectives_.size(); ++i) {
      report.endpoints[i].windows[window] =
          LevelOf(Difference(now.totals[i], start.totals[i]), objectives_[i], target_ppm_);
    }
  }
  return report;
}

}  // namespace portal::metrics
