#include "app/core_dumps.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <string_view>

#include "base/unique_fd.h"

namespace portal::app {

// Not PR_SET_DUMPABLE, which would do both: it also gives /proc/PID to root, and a service manager's or an operator's
// view of the process with it.
void KeepMemoryOutOfCoreDumps() {
  const rlimit none{0, 0};
  static_cast<void>(::setrlimit(RLIMIT_CORE, &none));
  // core(5), "Controlling which mappings are written to the core dump": none. A handler that core_pattern pipes to is
  // not bound by the limit, but by this.
  constexpr std::string_view kNoMappings = "0";
  const base::UniqueFd filter(::open("/proc/self/coredump_filter", O_WRONLY | O_CLOEXEC));
  if (!filter) return;  // no /proc: the limit is what there is
  [[maybe_unused]] const ssize_t written = ::write(filter.get(), kNoMappings.data(), kNoMappings.size());
}

}  // namespace portal::app
