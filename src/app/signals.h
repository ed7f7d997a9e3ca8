#pragma once

#include <signal.h>

#include <filesystem>
#include <vector>

namespace portal::app {

/// The signals that tell a portal what to do, as something to wait for instead of something that interrupts:
/// SIGTERM, SIGINT and a terminal that goes away stop it; a SIGHUP that somebody sends reloads it. Under nohup the
/// terminal may go. Make it before any other thread exists: the signals are blocked in all threads.
class Signals {
 public:
  Signals();

  struct Order {
    enum class Kind { kStop, kReload };
    Kind kind;
    int signal;
  };
  /// The next one; a hang-up that means nothing is passed over.
  Order Wait() const;

  /// From here on, SIGTERM or SIGINT ends the process at once, without a drain, and takes these files and folders
  /// along. A hang-up does not: it often comes twice, from the kernel and from a shell.
  void EndProcessOnNextStop(std::vector<std::filesystem::path> leftovers) const;

 private:
  bool IsHangUp(const siginfo_t& hup) const;

  sigset_t set_;
  bool had_terminal_;  // a controlling one, when the process started
  bool under_nohup_;
};

}  // namespace portal::app
