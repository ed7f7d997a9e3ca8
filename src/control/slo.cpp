#include <chrono>
#include <optional>
#include <string>

#include "base/json_object.h"
#include "control/handlers.h"
#include "metrics/number_text.h"

namespace portal::control {
namespace {

using metrics::JsonNumber;
using metrics::kWindows;
using metrics::ServiceLevel;
using metrics::ServiceLevelReport;

std::string Latency(std::optional<metrics::Milliseconds> latency) {
  return latency ? JsonNumber(latency->count()) : "null";
}

std::string Json(std::string_view window, const ServiceLevel& level) {
  base::JsonObject json;
  json.Text("window", window).Number("requests", static_cast<std::int64_t>(level.requests));
  json.Number("errors", static_cast<std::int64_t>(level.errors)).Json("availability", JsonNumber(level.availability));
  json.Json("error_budget_remaining", JsonNumber(level.budget_remaining));
  json.Json("burn_rate", JsonNumber(level.burn_rate));
  json.Json("p50_ms", Latency(level.p50)).Json("p95_ms", Latency(level.p95)).Json("p99_ms", Latency(level.p99));
  return json.Json("met", !level.met ? "null" : *level.met ? "true" : "false").Done();
}

std::string Json(const ServiceLevelReport::Endpoint& endpoint) {
  const auto& targets = endpoint.objective->latency;
  base::JsonArray windows;
  for (std::size_t i = 0; i < kWindows.size(); ++i) windows.Add(Json(kWindows[i].name, endpoint.windows[i]));
  base::JsonObject json;
  json.Text("endpoint", endpoint.objective->endpoint);
  json.Json("p95_target_ms", targets ? std::to_string(targets->p95.count()) : "null");
  json.Json("p99_target_ms", targets ? std::to_string(targets->p99.count()) : "null");
  return json.Json("windows", windows.Done()).Done();
}

}  // namespace

Result<Answer> GetServiceLevels(const Context& context, Request&) {
  const ServiceLevelReport report = context.service_levels.Report();
  base::JsonArray windows;
  for (std::size_t i = 0; i < kWindows.size(); ++i) {
    base::JsonObject window;
    window.Text("window", kWindows[i].name).Number("seconds", kWindows[i].length.count());
    windows.Add(window.Time("since", report.starts[i]).Done());
  }
  base::JsonArray endpoints;
  for (const auto& endpoint : report.endpoints) endpoints.Add(Json(endpoint));
  base::JsonObject json;
  json.Json("availability_target", JsonNumber(report.availability_target_ppm / 1e6)).Time("since", report.since);
  Answer answer;
  answer.body = json.Json("windows", windows.Done()).Json("endpoints", endpoints.Done()).Done();
  return answer;
}

}  // namespace portal::control
