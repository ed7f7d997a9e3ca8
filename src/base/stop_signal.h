#pragma once

#include <chrono>

#include "base/mutex.h"

namespace portal::base {

/// What a thread waits on between its rounds, so that whoever ends it waits for no more than the round. Thread-safe.
class StopSignal {
 public:
  /// For good.
  void Raise();
  bool raised() const;

  /// Waits until that time has come. False: it is time to stop.
  bool WaitUntil(std::chrono::steady_clock::time_point time);
  bool WaitFor(std::chrono::nanoseconds time) { return WaitUntil(std::chrono::steady_clock::now() + time); }

 private:
  mutable Mutex mu_;
  CondVar wake_;
  bool raised_ GUARDED_BY(mu_) = false;
};

}  // namespace portal::base
