#include "api/handlers.h"
#include "base/json_text.h"

namespace portal::api {

// Probes take any query: orchestrators append their own.

Result<Response> GetLiveness(const Context&, const Request&) {
  Response response;
  response.body = R"({"status":"alive"})";
  response.Add("Cache-Control", "no-store");
  return response;
}

Result<Response> GetReadiness(const Context& context, const Request&) {
  const auto reasons = context.readiness.Reasons();
  Response response;
  response.status = reasons.empty() ? 200 : 503;
  std::string& json = response.body;
  json = reasons.empty() ? R"({"status":"ready","reasons":[)" : R"({"status":"unavailable","reasons":[)";
  for (const std::string_view reason : reasons) {
    if (json.back() != '[') json += ',';
    base::AppendJsonString(reason, json);
  }
  json += "]}";
  response.Add("Cache-Control", "no-store");
  return response;
}

}  // namespace portal::api
