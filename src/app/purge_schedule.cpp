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
  {
    const base::MutexLock lock(mu_);
    stopping_ = true;
  }
  wake_.NotifyOne();
  thread_.join();
}

bool PurgeSchedule::WaitFor(std::chrono::nanoseconds time) {
  const auto end = std::chrono::steady_clock::now() + time;
  const base::MutexLock lock(mu_);
  while (!stopping_ && wake_.WaitUntil(mu_, end)) continue;
  return !stopping_;
}

void PurgeSchedule::Run() {
  while (WaitFor(interval_)) Tell(Round());
}

/// Whatever goes wrong in here must not end the server.
base::Status PurgeSchedule::Round() {
  try {
    base::Status done = PurgeIfDue();
    if (done && WaitFor(0s)) done = search_.Run([this](std::chrono::nanoseconds took) { return WaitFor(took); });
    return done;
  } catch (const std::exception& exception) {
    return base::Fail(base::ErrorCode::kInternal, "The purge met with a defect of the program", exception.what());
  }
}

base::Status PurgeSchedule::PurgeIfDue() {
  const auto due = purge_.IsDue();
  if (!due) return base::Fail(due.error());
  if (!*due) return {};
  const auto report =
      purge_.Run(service::Purge::Due::kInTurn,
                 [this](const service::PurgeReport&, std::chrono::nanoseconds took) { return WaitFor(took); });
  if (!report) return base::Fail(report.error());
  return {};
}

/// A failure is told once; the next rounds try again.
void PurgeSchedule::Tell(const base::Status& done) {
  if (done.has_value() != failing_) return;
  failing_ = !done;
  if (failing_) {
    logger_.Error("purge_failed", {{"detail", done.error().detail}, {"cause", done.error().internal}});
  } else {
    logger_.Info("purge_works_again");
  }
}

}  // namespace portal::app
