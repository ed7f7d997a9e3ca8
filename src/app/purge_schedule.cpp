#include "app/purge_schedule.h"

#include <algorithm>
#include <exception>
#include <utility>

namespace portal::app {
namespace {

using namespace std::chrono_literals;

}  // namespace

PurgeSchedule::PurgeSchedule(store::Database& database, const blob::BlobStore& blobs, std::filesystem::path data_folder,
                             std::chrono::milliseconds retention, const base::Clock& clock, base::Logger& logger)
    : purge_(database, blobs, std::move(data_folder), retention, clock, logger),
      search_(database, clock),
      interval_(std::clamp<std::chrono::milliseconds>(retention, 1s, 1min)),
      logger_(logger),
      thread_([this] { Run(); }) {}

PurgeSchedule::~PurgeSchedule() {
  stop_.Raise();
  thread_.join();
}

void PurgeSchedule::Run() {
  while (stop_.WaitFor(interval_)) {
    if (!Attempt(purging_, [this] { return PurgeIfDue(); }) || stop_.raised()) continue;
    Attempt(tidying_, [this] { return TidySearch(); });
  }
}

/// False: it failed, which is told once; the next rounds try again. Whatever goes wrong in here must not end the
/// server.
bool PurgeSchedule::Attempt(Task& task, base::FunctionRef<base::Status()> work) {
  base::Status done;
  try {
    done = work();
  } catch (const std::exception& exception) {
    done = base::Fail(base::ErrorCode::kInternal, "It met with a defect of the program", exception.what());
  }
  if (std::exchange(task.failing, !done) == !done) return done.has_value();
  if (done) {
    logger_.Info(task.works_again);
  } else {
    logger_.Error(task.failed, {{"detail", done.error().detail}, {"cause", done.error().internal}});
  }
  return done.has_value();
}

base::Status PurgeSchedule::PurgeIfDue() {
  const auto due = purge_.IsDue();
  if (!due) return base::Fail(due.error());
  if (!*due) return {};
  const auto report =
      purge_.Run(service::Purge::Due::kInTurn,
                 [this](const service::PurgeReport&, std::chrono::nanoseconds took) { return stop_.WaitFor(took); });
  if (!report) return base::Fail(report.error());
  return {};
}

base::Status PurgeSchedule::TidySearch() {
  return search_.Run([this](std::chrono::nanoseconds took) { return stop_.WaitFor(took); });
}

}  // namespace portal::app
