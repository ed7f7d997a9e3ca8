#include "service/purge.h"

#include <optional>
#include <string>
#include <utility>

#include "control/handlers.h"

namespace portal::control {
namespace {

service::Purge PurgeOf(const Context& context) {
  return {context.database, context.blobs, context.data_folder, context.config.deletion.retention,
          context.clock,    context.logger};
}

}  // namespace

Result<Answer> GetPurge(const Context& context, Request& request) {
  auto report = service::Purge::LastReport(context.database.reader(request.worker()));
  if (!report) return base::Fail(std::move(report).error());
  if (!*report) return base::Fail(base::ErrorCode::kNotFound, "Nothing has been purged yet");
  Answer answer;
  answer.body = **std::move(report);
  return answer;
}

/// Takes as long as the purge does; the caller waits for it. Other writers have their turn as with app/purge_schedule.
Result<Answer> RunPurge(const Context& context, Request& request) {
  const auto all = request.Query("all");
  if (all && *all != "true" && *all != "false") {
    const std::string detail = "must be true or false";
    return base::Fail(base::Error{base::ErrorCode::kValidation, "all " + detail, {}, {{"all", detail}}});
  }
  const auto due = all == "true" ? service::Purge::Due::kAll : service::Purge::Due::kByRetention;
  bool ended_early = false;
  const auto report = PurgeOf(context).Run(due, [&](const service::PurgeReport&, std::chrono::nanoseconds took) {
    ended_early = !context.stopping->WaitFor(took);
    return !ended_early;
  });
  if (!report) return base::Fail(report.error());
  if (ended_early) return base::Fail(base::ErrorCode::kUnavailable, "The purge was ended early");
  Answer answer;
  answer.body = report->Json();
  return answer;
}

}  // namespace portal::control
