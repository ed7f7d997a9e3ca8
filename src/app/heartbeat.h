#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <thread>

#include "app/service_manager.h"
#include "base/logger.h"
#include "base/stop_signal.h"

namespace portal::app {

/// A thread that tells the service manager, while there is one, how the portal fares: that it lives, thrice in the
/// time after which it would be restarted, but only if `beat` says that no event loop is stuck; and its status line.
/// Stops when it goes.
class Heartbeat {
 public:
  /// `beat`: true when nothing has been stuck since it was last asked; asked once before this returns, then by the
  /// thread. `status`: one line, asked by the thread. `manager` and `logger` are borrowed.
  Heartbeat(const ServiceManager& manager, base::Logger& logger, std::function<bool()> beat,
            std::function<std::string()> status);
  ~Heartbeat();
  Heartbeat(const Heartbeat&) = delete;

 private:
  void Run();
  void Beat();

  const ServiceManager& manager_;
  base::Logger& logger_;
  const std::function<bool()> beat_;
  const std::function<std::string()> status_;
  bool stuck_ = false;  // only Run touches it
  std::string said_;    // only Run touches it
  base::StopSignal stop_;
  std::thread thread_;  // last: it uses all of the above
};

}  // namespace portal::app
