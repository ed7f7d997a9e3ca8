#pragma once

#include <signal.h>

#include <array>

#include "base/unique_fd.h"

namespace portal::cli {

/// For as long as it lives, signals that would end or stop the process are noted and do nothing: whoever has changed
/// the terminal puts it right first and raises them then. Those that are ignored stay so. One at a time in a process;
/// not thread-safe, but the signals may come to any thread.
class HeldSignals {
 public:
  HeldSignals();
  ~HeldSignals();
  HeldSignals(const HeldSignals&) = delete;
  HeldSignals& operator=(const HeldSignals&) = delete;

  /// Becomes readable when one has come; -1 where the kernel gives no pipe: they are not held then.
  int fd() const { return noted_.get(); }

  /// Signals do again what they did before. The first that was held meanwhile; 0: none was.
  int Release();

 private:
  static constexpr std::array kSignals = {SIGINT, SIGQUIT, SIGTERM, SIGHUP, SIGTSTP};

  base::UniqueFd noted_;
  base::UniqueFd note_;
  std::array<struct sigaction, kSignals.size()> before_{};
  bool held_ = false;
};

}  // namespace portal::cli
