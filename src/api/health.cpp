#include "api/handlers.h"
#include "api/parameters.h"
#include "base/json_object.h"
#include "base/json_text.h"
#include "base/time_text.h"
#include "base/version.h"
#include "resilience/rate_text.h"

namespace portal::api {
namespace {

using resilience::BreakerState;

/// A store that cannot be read is not the whole portal's failure once its breaker has seen to it.
bool IsUnhealthy(const Context& context) {
  if (context.readiness.draining()) return true;
  return !context.readiness.ready() && context.breakers.database().State() == BreakerState::kClosed;
}

/// `"database":{…},"blobs":{…}` of those there are.
std::string BreakersNotClosed(const Context& context) {
  std::string json;
  for (resilience::CircuitBreaker* breaker : context.breakers.All()) {
    if (breaker->State() == BreakerState::kClosed) continue;
    const resilience::BreakerView view = breaker->View();
    if (view.state == BreakerState::kClosed) continue;  // just now
    base::JsonObject shown;
    shown.Text("state", ToText(view.state)).Json("failureRate", resilience::RateText(view.failure_rate));
    shown.Time("openedAt", view.opened_at).Time("retryAt", view.retry_at);
    if (!json.empty()) json += ',';
    base::AppendJsonString(breaker->name(), json);
    json.append(":").append(shown.Done());
  }
  return json;
}

}  // namespace

Result<Response> GetHealth(const Context& context, const Request& request) {
  if (auto none = TakesNoParameters(request.head.query); !none) return base::Fail(std::move(none).error());
  const bool broken = IsUnhealthy(context);
  const std::string breakers = BreakersNotClosed(context);
  Response response;
  response.status = broken ? 503 : 200;
  std::string& json = response.body;
  json.reserve(192 + breakers.size());
  json += R"({"status":")";
  json += broken ? "unhealthy" : breakers.empty() ? "healthy" : "degraded";
  json += R"(","timestamp":")";
  base::AppendRfc3339(request.now, json);
  json += R"(","version":)";
  base::AppendJsonString(base::kBuild.version, json);
  json += R"(,"traceId":)";
  base::AppendJsonString(request.trace_id.view(), json);
  json += R"(,"circuitBreakers":{)";
  json += breakers;
  json += "}}";
  response.Add("Cache-Control", "no-store");
  return response;
}

}  // namespace portal::api
