#include "app/parent_watch.h"

#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <thread>
#include <utility>

#include "base/unique_fd.h"

namespace portal::app {

base::Status EndWithParent() {
  const pid_t parent = ::getppid();
  base::UniqueFd watched(static_cast<int>(::syscall(SYS_pidfd_open, parent, 0)));
  // The number may be somebody else's by now: whoever has another parent meanwhile has lost his own.
  if (::getppid() != parent || (!watched && errno == ESRCH)) {
    return base::Fail(base::ErrorCode::kUnavailable, "--exit-with-parent: the parent process has ended already");
  }
  if (!watched) {
    return base::Fail(base::ErrorCode::kUnavailable,
                      std::string("--exit-with-parent: the parent process cannot be watched: ") + std::strerror(errno) +
                          ". It needs Linux 5.3 or later; leave the flag out");
  }
  // Lives as long as the process, as that of app::Signals does, which gets what this sends.
  std::thread([parent_fd = std::move(watched)] {
    pollfd end{parent_fd.get(), POLLIN, 0};
    while (::poll(&end, 1, -1) < 0 && errno == EINTR) continue;
    ::kill(::getpid(), SIGTERM);
  }).detach();
  return {};
}

}  // namespace portal::app
