#include "api/handlers.h"
#include "api/parameters.h"
#include "metrics/exposition.h"

namespace portal::api {
namespace {

Result<metrics::Format> ChooseFormat(const Request& request) {
  auto parameters = Parameters::Parse(request.head.query);
  if (!parameters) return base::Fail(std::move(parameters).error());
  const auto named = parameters->OneOf("format", metrics::kFormatNames);
  if (auto valid = parameters->Finish(); !valid) return base::Fail(std::move(valid).error());
  if (named) return metrics::FormatOfName(*named);
  const auto format = metrics::Negotiate(request.head.Find("Accept"));
  if (format) return *format;
  return base::Fail(base::ErrorCode::kNotAcceptable,
                    "Metrics are text/plain; version=0.0.4, application/openmetrics-text; version=1.0.0 or "
                    "application/json: accept one of them, or ask for ?format=prometheus, openmetrics or json");
}

}  // namespace

Result<Response> GetMetrics(const Context& context, const Request& request) {
  const auto format = ChooseFormat(request);
  if (!format) return base::Fail(format.error());
  Response response;
  response.content_type = metrics::ContentType(*format);
  response.body = metrics::Expose(context.metrics.Collect(), *format);
  response.Add("Cache-Control", "no-store");
  response.Add("Vary", "Accept");
  return response;
}

}  // namespace portal::api
