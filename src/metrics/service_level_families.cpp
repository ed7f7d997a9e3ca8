#include "metrics/service_level_families.h"

#include <limits>
#include <string>
#include <utility>

namespace portal::metrics {
namespace {

double Ms(std::optional<Milliseconds> latency) {
  return latency ? latency->count() : std::numeric_limits<double>::quiet_NaN();
}

}  // namespace

void AddServiceLevelFamilies(const ServiceLevelReport& report, Families& families) {
  families.push_back(Single("portal_slo_availability_target", "Share of requests that must not end in a 5xx",
                            Type::kGauge, report.availability_target_ppm / 1e6));
  Family burn{"portal_slo_burn_rate", "Errors within a window for each that the target allows; at 1 the budget lasts"};
  Family budget{"portal_slo_error_budget_remaining",
                "Share of a window's allowed errors that is left; negative: overdrawn"};
  Family target{"portal_slo_latency_target_ms", "What a quantile of an endpoint's durations must not exceed",
                Type::kUnknown};
  Family latency{"portal_slo_latency_ms", "Quantiles of an endpoint's durations within a window", Type::kUnknown};
  for (const auto& [objective, windows] : report.endpoints) {
    const Label endpoint{"endpoint", objective->endpoint};
    if (objective->latency) {
      target.Add({endpoint, {"quantile", "0.95"}}, static_cast<double>(objective->latency->p95.count()));
      target.Add({endpoint, {"quantile", "0.99"}}, static_cast<double>(objective->latency->p99.count()));
    }
    for (std::size_t i = 0; i < kWindows.size(); ++i) {
      const Label window{"window", std::string(kWindows[i].name)};
      burn.Add({endpoint, window}, windows[i].burn_rate);
      budget.Add({endpoint, window}, windows[i].budget_remaining);
      latency.Add({endpoint, {"quantile", "0.95"}, window}, Ms(windows[i].p95));
      latency.Add({endpoint, {"quantile", "0.99"}, window}, Ms(windows[i].p99));
    }
  }
  for (Family* family : {&burn, &budget, &target, &latency}) families.push_back(std::move(*family));
}

}  // namespace portal::metrics
