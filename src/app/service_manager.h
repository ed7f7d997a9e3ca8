#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "base/unique_fd.h"

namespace portal::app {

/// What systemd, or whoever speaks its protocol (sd_notify(3), sd_watchdog_enabled(3)), is told of the process's
/// life; where nobody asked to be told, nothing happens. A message that cannot be delivered is lost, and the portal
/// serves on. Thread-safe.
class ServiceManager {
 public:
  /// Reads NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID. kValidation names a variable that is wrong, its value and
  /// the remedy.
  static base::Result<ServiceManager> FromEnvironment();

  bool is_there() const { return static_cast<bool>(socket_); }
  /// How long the manager waits for a sign of life before it restarts the service; nullopt: for ever.
  std::optional<std::chrono::microseconds> watchdog() const { return watchdog_; }

  void Ready() const { Send("READY=1"); }
  /// To be followed by Ready, however the reload goes.
  void Reloading(base::MonotonicTime now) const;
  /// No sign of life is expected from here on.
  void Stopping() const { Send("STOPPING=1"); }
  void Alive() const { Send("WATCHDOG=1"); }
  /// One line for people: `systemctl status` shows it.
  void Status(std::string_view text) const { Send("STATUS=" + std::string(text)); }

 private:
  void Send(std::string_view message) const;

  std::string address_;  // of NOTIFY_SOCKET, as the kernel takes it
  base::UniqueFd socket_;
  std::optional<std::chrono::microseconds> watchdog_;
};

}  // namespace portal::app
