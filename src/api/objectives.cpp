#include "api/objectives.h"

#include "api/routes.h"
#include "metrics/request_metrics.h"

namespace portal::api {
namespace {

using model::LimitPolicy;

std::optional<metrics::LatencyTargets> TargetsOf(LimitPolicy policy) {
  using namespace std::chrono_literals;
  switch (policy) {
    case LimitPolicy::kHealth:
      return metrics::LatencyTargets{50ms, 100ms};
    case LimitPolicy::kContacts:
      return metrics::LatencyTargets{300ms, 600ms};
    case LimitPolicy::kJobs:
      return metrics::LatencyTargets{400ms, 800ms};
    case LimitPolicy::kFiles:
      return metrics::LatencyTargets{500ms, 1000ms};
    case LimitPolicy::kDownloads:
      return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace

std::vector<metrics::Objective> Objectives() {
  std::vector<metrics::Objective> objectives;
  for (const RouteEntry& route : RouteTable()) {
    if (route.limit) objectives.push_back({metrics::EndpointLabel(route.pattern), TargetsOf(*route.limit)});
  }
  return objectives;
}

}  // namespace portal::api
