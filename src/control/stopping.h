#pragma once

#include <chrono>

#include "base/mutex.h"

namespace portal::control {

/// Tells handlers that work for long that the portal stops: what they have begun should end soon. Thread-safe.
class Stopping {
 public:
  void Begin() {
    {
      const base::MutexLock lock(mu_);
      begun_ = true;
    }
    wake_.NotifyAll();
  }

  bool begun() const {
    const base::MutexLock lock(mu_);
    return begun_;
  }

  /// Waits for `time`. False: the portal stops.
  bool WaitFor(std::chrono::nanoseconds time) {
    const auto end = std::chrono::steady_clock::now() + time;
    const base::MutexLock lock(mu_);
    while (!begun_ && wake_.WaitUntil(mu_, end)) continue;
    return !begun_;
  }

 private:
  mutable base::Mutex mu_;
  base::CondVar wake_;
  bool begun_ GUARDED_BY(mu_) = false;
};

}  // namespace portal::control
