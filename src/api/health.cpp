#include "api/handlers.h"
#include "api/parameters.h"
#include "base/json_text.h"
#include "base/time_text.h"
#include "base/version.h"

namespace portal::api {

Result<Response> GetHealth(const Context& context, const Request& request) {
  if (auto none = TakesNoParameters(request.head.query); !none) return base::Fail(std::move(none).error());
  const bool ready = context.readiness.ready();
  Response response;
  response.status = ready ? 200 : 503;
  std::string& json = response.body;
  json.reserve(192);
  json += ready ? R"({"status":"healthy","timestamp":")" : R"({"status":"unhealthy","timestamp":")";
  base::AppendRfc3339(request.now, json);
  json += R"(","version":)";
  base::AppendJsonString(base::kBuild.version, json);
  json += R"(,"traceId":)";
  base::AppendJsonString(request.trace_id.view(), json);
  json += R"(,"circuitBreakers":{}})";
  response.Add("Cache-Control", "no-store");
  return response;
}

}  // namespace portal::api
