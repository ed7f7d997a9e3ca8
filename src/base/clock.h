#pragma once

#include <chrono>

namespace portal::base {

/// Deadlines, budgets and intervals: never goes back.
using MonotonicTime = std::chrono::steady_clock::time_point;

/// What clients see and what expires: UTC with milliseconds, follows the machine's wall clock.
using WallTime = std::chrono::sys_time<std::chrono::milliseconds>;

/// The only source of time in the program, so that tests decide what time it is. Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  /// For how long things stay as they are: budgets, breakers, what expires without a date. A test may move it forwards.
  virtual MonotonicTime Monotonic() const = 0;
  virtual WallTime Wall() const = 0;
  /// For work that is going on, with its deadlines and durations, and for the age of what is kept in memory: monotonic,
  /// and no test moves it, since what is waited for does not move along. Compare it with itself only.
  virtual MonotonicTime Unmoved() const { return Monotonic(); }
};

class SystemClock final : public Clock {
 public:
  MonotonicTime Monotonic() const override { return std::chrono::steady_clock::now(); }
  WallTime Wall() const override {
    return std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now());
  }
};

}  // namespace portal::base
