#include "app/backup_schedule.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <exception>
#include <utility>

#include "service/backup/backup.h"

namespace portal::app {
namespace {

// The wall clock may be set while the thread waits for a moment of it.
constexpr std::chrono::seconds kLongestWait{10};
constexpr std::chrono::minutes kAfterFailure{5};

}  // namespace

BackupSchedule::BackupSchedule(config::Config::Backup settings, std::filesystem::path data_folder, std::string epoch,
                               const base::Clock& clock, base::Logger& logger)
    : settings_(std::move(settings)),
      data_folder_(std::move(data_folder)),
      epoch_(std::move(epoch)),
      clock_(clock),
      logger_(logger) {
  if (settings_.every.count() > 0) thread_ = std::thread([this] { Run(); });
}

BackupSchedule::~BackupSchedule() {
  stop_.Raise();
  if (thread_.joinable()) thread_.join();
}

/// False: it is time to stop.
bool BackupSchedule::WaitUntil(base::WallTime due) {
  for (;;) {
    const auto left = std::min<std::chrono::milliseconds>(due - clock_.Wall(), kLongestWait);
    if (!stop_.WaitFor(left)) return false;
    if (clock_.Wall() >= due) return true;
  }
}

/// A newest backup whose clock was a little ahead must not put the next one off.
base::Result<base::WallTime> BackupSchedule::NextTime() const {
  const base::WallTime now = clock_.Wall();
  const auto newest = service::NewestBackup(settings_.dir, epoch_, now);
  if (!newest) return base::Fail(newest.error());
  return *newest ? std::min(**newest, now) + settings_.every : now;
}

void BackupSchedule::Run() {
  base::WallTime due = TryRound([this] { return NextTime(); });
  while (WaitUntil(due)) {
    due = TryRound([this]() -> base::Result<base::WallTime> {
      if (auto made = MakeOne(); !made) return base::Fail(made.error());
      return NextTime();
    });
  }
}

/// When the next round is due. One that fails is tried again soon, also where it failed in a way that nobody thought
/// of: no disk that holds backups may end the portal.
base::WallTime BackupSchedule::TryRound(base::FunctionRef<base::Result<base::WallTime>()> round) {
  base::Error failure{base::ErrorCode::kInternal, {}, {}, {}};
  try {
    const auto due = round();
    if (due) return *due;
    failure = due.error();
  } catch (const std::exception& exception) {
    failure = {base::ErrorCode::kInternal, "The backup failed unexpectedly", exception.what(), {}};
  }
  if (!stop_.raised()) logger_.Error("backup_failed", {{"detail", failure.detail}, {"cause", failure.internal}});
  return clock_.Wall() + std::min<std::chrono::milliseconds>(settings_.every, kAfterFailure);
}

base::Status BackupSchedule::MakeOne() {
  service::BackupOptions options;
  options.data_folder = data_folder_;
  options.destination = settings_.dir;
  options.keep = settings_.keep;
  options.watch = [this](const service::BackupProgress&) { return stop_.raised(); };
  const auto made = service::MakeBackup(options, clock_);
  if (!made) return base::Fail(made.error());
  logger_.Info("backup_made", {{"folder", made->folder.string()},
                               {"bytes", made->manifest.SizeBytes()},
                               {"linked", static_cast<std::int64_t>(made->linked_blobs)},
                               {"copied", static_cast<std::int64_t>(made->copied_blobs)},
                               {"removed", static_cast<std::int64_t>(made->removed.size())}});
  if (!made->manifest.missing_blobs.empty()) {
    logger_.Error("blobs_missing", {{"count", static_cast<std::int64_t>(made->manifest.missing_blobs.size())},
                                    {"detail", "files have lost their bytes; run portal-appliance verify"}});
  }
  for (const std::filesystem::path& folder : made->from_the_future) {
    logger_.Warning(
        "backup_from_the_future",
        {{"folder", folder.string()},
         {"detail", "dated later than now, so backup.keep leaves it; remove it, or set this machine's clock"}});
  }
  return {};
}

}  // namespace portal::app
