#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/ip_address.h"
#include "base/mutex.h"
#include "base/result.h"
#include "resilience/window_table.h"

namespace portal::control {

/// Where passwords are tried: a few from each address, and two at once in all, since each takes 64 MiB and some
/// 65 ms of a core. Two more wait for their turn; all others are turned away at once, since each that waits has one of
/// the control plane's few threads. Thread-safe.
class PasswordDoor {
 public:
  static constexpr std::uint32_t kTriesPerAddress = 10;  ///< within kWindow; a right one gives them back
  static constexpr std::chrono::seconds kWindow{60};
  static constexpr int kAtOnce = 2;
  static constexpr int kWaiting = 2;
  static constexpr std::chrono::seconds kComeAgain{2};  ///< whoever finds as many here

  explicit PasswordDoor(const base::Clock& clock);

  /// Whether it is the password of which `kept` is the hash. Takes as long where there is none. kRateLimitExceeded,
  /// with the time to wait: this address has tried too often, right or wrong, or too many others are trying, which is
  /// no try of its own; kUnavailable: there is no memory to try one.
  base::Result<bool> Try(const base::IpAddress& address, const std::optional<std::string>& kept,
                         std::string_view password);

  /// Whether the log should tell that somebody at this address was told to come again: once within kWindow, so that a
  /// flood of tries is none of lines.
  bool IsWorthALine(const base::IpAddress& address);

 private:
  class Turn;
  bool Enter();

  resilience::WindowTable table_;
  base::Mutex mu_;
  base::CondVar left_;
  int inside_ GUARDED_BY(mu_) = 0;
  int at_it_ GUARDED_BY(mu_) = 0;  // of those
};

}  // namespace portal::control
