#pragma once

#include <filesystem>
#include <string>
#include <thread>

#include "base/clock.h"
#include "base/function_ref.h"
#include "base/logger.h"
#include "base/result.h"
#include "base/stop_signal.h"
#include "config/config.h"

namespace portal::app {

/// A thread that makes a backup every `backup.every`, counted from this store's newest one in `backup.dir`, so that
/// restarts neither put it off nor add one. One that fails is logged and tried again after a while. Stops when it goes;
/// a backup in the making is given up, and leaves nothing.
class BackupSchedule {
 public:
  /// `epoch`: the store's. Does nothing where `settings.every` is 0.
  BackupSchedule(config::Config::Backup settings, std::filesystem::path data_folder, std::string epoch,
                 const base::Clock& clock, base::Logger& logger);
  ~BackupSchedule();
  BackupSchedule(const BackupSchedule&) = delete;

 private:
  void Run();
  bool WaitUntil(base::WallTime due);
  base::WallTime TryRound(base::FunctionRef<base::Result<base::WallTime>()> round);
  base::Result<base::WallTime> NextTime() const;
  base::Status MakeOne();

  const config::Config::Backup settings_;
  const std::filesystem::path data_folder_;
  const std::string epoch_;
  const base::Clock& clock_;
  base::Logger& logger_;
  base::StopSignal stop_;
  std::thread thread_;  // last: it uses all of the above
};

}  // namespace portal::app
