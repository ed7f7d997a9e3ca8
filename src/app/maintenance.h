#pragma once

#include <thread>

#include "app/clock_watch.h"
#include "base/clock.h"
#include "base/logger.h"
#include "base/stop_signal.h"
#include "service/access.h"
#include "service/readiness.h"

namespace portal::app {

struct Parts;

/// A thread for what nobody asks for but somebody must do. Once a second it keeps the store's WAL small, tells
/// readiness whether the store can be read, looks after the signing keys where no request does, says when the wall
/// clock has jumped, half-opens circuit breakers that are due, and closes those that want of space had opened. Once a
/// minute, and when it goes, it writes which tokens were used.
class Maintenance {
 public:
  Maintenance(Parts& parts, service::Readiness& readiness, service::Access& access, const base::Clock& clock,
              base::Logger& logger);
  ~Maintenance();
  Maintenance(const Maintenance&) = delete;

 private:
  void Run();
  void Probe();
  void LookForSpace();
  void LookAtTheClock();
  void WriteTokenUses();

  Parts& parts_;
  service::Readiness& readiness_;
  service::Access& access_;
  base::Logger& logger_;
  ClockWatch clock_watch_;  // only Run touches it
  bool readable_ = true;    // as of the last probe; only Run touches it
  base::StopSignal stop_;
  std::thread thread_;  // last: it uses all of the above
};

}  // namespace portal::app
