#include "app/signals.h"

#include <fcntl.h>
#include <unistd.h>

#include <system_error>
#include <thread>
#include <utility>

#include "base/unique_fd.h"

namespace portal::app {
namespace {

bool HasTerminal() { return static_cast<bool>(base::UniqueFd(::open("/dev/tty", O_RDONLY | O_NOCTTY | O_CLOEXEC))); }

}  // namespace

Signals::Signals() : had_terminal_(HasTerminal()) {
  sigemptyset(&set_);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&set_, signal);
  ::pthread_sigmask(SIG_BLOCK, &set_, nullptr);
  struct sigaction hup {};
  ::sigaction(SIGHUP, nullptr, &hup);
  under_nohup_ = hup.sa_handler == SIG_IGN;
  // What is ignored may be lost even while it is blocked.
  hup.sa_handler = SIG_DFL;
  ::sigaction(SIGHUP, &hup, nullptr);
}

bool Signals::IsHangUp(const siginfo_t& hup) const {
  // The kernel tells a session's leader and the foreground; a shell tells its other jobs with a kill like any other,
  // but by then the terminal has gone.
  return hup.si_code == SI_KERNEL || (had_terminal_ && !HasTerminal());
}

Signals::Order Signals::Wait() const {
  while (true) {
    siginfo_t received{};
    const int signal = ::sigwaitinfo(&set_, &received);
    if (signal < 0) continue;  // a debugger or a stopped process, not one of ours
    if (signal != SIGHUP) return {Order::Kind::kStop, signal};
    if (under_nohup_ && received.si_code == SI_KERNEL) continue;
    if (under_nohup_ || !IsHangUp(received)) return {Order::Kind::kReload, signal};
    return {Order::Kind::kStop, signal};
  }
}

void Signals::EndProcessOnNextStop(std::vector<std::filesystem::path> leftovers) const {
  std::thread([self = *this, paths = std::move(leftovers)] {
    Order order = self.Wait();
    while (order.signal == SIGHUP) order = self.Wait();
    std::error_code ignored;
    for (const std::filesystem::path& path : paths) std::filesystem::remove_all(path, ignored);
    ::_exit(128 + order.signal);
  }).detach();  // it waits for as long as the process lives
}

}  // namespace portal::app
