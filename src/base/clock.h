#pragma once

#include <chrono>

namespace portal::base {

/// Deadlines, budgets and intervals: never jumps.
using MonotonicTime = std::chrono::steady_clock::time_point;

/// What clients see and what expires: UTC with milliseconds, follows the machine's wall clock.
using WallTime = std::chrono::sys_time<std::chrono::milliseconds>;

/// The only source of time in the program, so that tests decide what time it is. Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual MonotonicTime Monotonic() const = 0;
  virtual WallTime Wall() const = 0;
};

class SystemClock final : public Clock {
 public:
  MonotonicTime Monotonic() const override { return std::chrono::steady_clock::now(); }
  WallTime Wall() const override {
    return std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now());
  }
};

}  // namespace portal::base
