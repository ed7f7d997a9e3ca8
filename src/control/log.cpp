#include <string>
#include <utility>

#include "base/json_object.h"
#include "control/handlers.h"
#include "control/json_fields.h"

namespace portal::control {
namespace {

Answer Show(const Context& context) {
  base::JsonObject json;
  json.Text("level", ToText(context.logger.level())).Boolean("access", context.request_log.access());
  json.Number("lines_dropped", static_cast<std::int64_t>(context.logger.dropped()));
  Answer answer;
  answer.body = json.Done();
  return answer;
}

/// Who has changed what is logged, for whoever misses lines later: whatever the levels before and after are.
void Tell(const Context& context, const Request& request, base::LogLevel level, bool access) {
  context.logger.Always("log_changed", {{"log_level", ToText(level)},
                                        {"access", access ? "true" : "false"},
                                        {"token", request.identity().token_id.view()},
                                        {"trace_id", request.trace_id()}});
}

}  // namespace

Result<Answer> GetLog(const Context& context, Request&) { return Show(context); }

Result<Answer> ChangeLog(const Context& context, Request& request) {
  auto fields = JsonFields::Read(request);
  if (!fields) return base::Fail(std::move(fields).error());
  const auto name = fields->Text("level");
  const auto access = fields->Boolean("access");
  const auto level = name ? base::ParseLogLevel(*name) : std::nullopt;
  if (name && !level) {
    fields->Refuse("level", "Is \"" + *name + "\"; must be debug, info, warning, error or off");
  }
  if (!fields->Has("level") && !fields->Has("access")) fields->Require("level");
  if (auto valid = fields->Finish(); !valid) return base::Fail(std::move(valid).error());

  const base::LogLevel wanted = level.value_or(context.logger.level());
  const bool wanted_access = access.value_or(context.request_log.access());
  context.logger.SetLevel(wanted);
  context.request_log.SetAccess(wanted_access);
  Tell(context, request, wanted, wanted_access);
  return Show(context);
}

}  // namespace portal::control
