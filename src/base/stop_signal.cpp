#include "base/stop_signal.h"

namespace portal::base {

void StopSignal::Raise() {
  const MutexLock lock(mu_);
  raised_ = true;
  wake_.NotifyAll();
}

bool StopSignal::raised() const {
  const MutexLock lock(mu_);
  return raised_;
}

bool StopSignal::WaitUntil(std::chrono::steady_clock::time_point time) {
  const MutexLock lock(mu_);
  while (!raised_ && wake_.WaitUntil(mu_, time)) continue;
  return !raised_;
}

}  // namespace portal::base
