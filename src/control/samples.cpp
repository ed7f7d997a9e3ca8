#include <charconv>
#include <string>

#include "base/json_object.h"
#include "control/handlers.h"
#include "metrics/number_text.h"

namespace portal::control {
namespace {

base::Result<std::uint64_t> ReadAfter(Request& request) {
  const auto text = request.Query("after");
  if (!text) return 0;
  std::uint64_t id = 0;
  const char* const end = text->data() + text->size();
  const auto read = std::from_chars(text->data(), end, id);
  if (read.ec == std::errc{} && read.ptr == end) return id;
  return base::Fail({base::ErrorCode::kValidation,
                     "The query has a parameter that cannot be used",
                     {},
                     {{"after", "Is \"" + *text + "\"; must be the id of a sample, a whole number from 0"}}});
}

std::string Json(const metrics::TrafficSample::Endpoint& endpoint, const std::vector<std::string>& labels) {
  base::JsonObject json;
  json.Text("endpoint", labels[endpoint.index]).Number("requests", static_cast<std::int64_t>(endpoint.requests));
  json.Number("errors", static_cast<std::int64_t>(endpoint.errors));
  const auto& [p50, p95, p99] = endpoint.durations_ms;
  json.Json("p50_ms", metrics::JsonNumber(p50)).Json("p95_ms", metrics::JsonNumber(p95));
  return json.Json("p99_ms", metrics::JsonNumber(p99)).Done();
}

}  // namespace

Result<Answer> ListSamples(const Context& context, Request& request) {
  const auto after = ReadAfter(request);
  if (!after) return base::Fail(after.error());
  base::JsonArray samples;
  for (const metrics::TrafficSample& sample : context.samples.After(*after)) {
    base::JsonArray endpoints;
    for (const auto& endpoint : sample.endpoints) endpoints.Add(Json(endpoint, context.samples.endpoints()));
    base::JsonObject json;
    json.Number("id", static_cast<std::int64_t>(sample.id)).Time("at", sample.at);
    json.Number("length_ms", sample.length.count()).Json("endpoints", endpoints.Done());
    samples.Add(json.Done());
  }
  Answer answer;
  answer.body = base::JsonObject().Time("since", context.samples.since()).Json("samples", samples.Done()).Done();
  return answer;
}

}  // namespace portal::control
