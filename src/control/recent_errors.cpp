#include "http/recent_errors.h"

#include "base/json_object.h"
#include "control/handlers.h"
#include "control/json_answers.h"

namespace portal::control {

Result<Answer> ListErrors(const Context& context, Request&) {
  base::JsonArray rows;
  for (const http::RecentErrors::Entry& error : context.request_log.errors().Latest()) {
    base::JsonObject json;
    json.Time("time", error.time).Text("method", ToText(error.method)).Text("route", error.route);
    json.Number("status", error.status).Text("code", error.code).Text("detail", error.detail);
    rows.Add(json.Text("trace_id", error.trace_id.view()).Done());
  }
  return ListOf(rows);
}

}  // namespace portal::control
