#include "service/probes.h"

#include "base/json_text.h"

namespace portal::service {

http::Response AnswerLiveness() {
  http::Response response;
  response.body = R"({"status":"alive"})";
  response.Add("Cache-Control", "no-store");
  return response;
}

http::Response AnswerReadiness(const Readiness& readiness) {
  const auto reasons = readiness.Reasons();
  http::Response response;
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

}  // namespace portal::service
