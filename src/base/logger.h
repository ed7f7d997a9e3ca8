#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <thread>

#include "base/clock.h"
#include "base/log_line.h"
#include "base/mutex.h"

namespace portal::base {

/// JSON lines on a file descriptor, see LogLine. Callers append to a
/// bounded buffer and a thread of its own writes it out, so that a slow terminal or a full pipe never
/// holds up a request: when the buffer is full the line is dropped and counted, as are lines that the kernel does not
/// take, and the count is logged once there is room again. The last eighth of the buffer is for warnings and errors,
/// which a flood of access lines must not push out. Thread-safe.
class Logger {
 public:
  /// `fd` is borrowed. `capacity_bytes` bounds what waits to be written.
  Logger(const Clock& clock, int fd, LogLevel level, std::size_t capacity_bytes = 4 << 20);
  ~Logger();  ///< writes what waits, for at most a second
  Logger(const Logger&) = delete;
  Logger& operator=(const Logger&) = delete;

  bool Enabled(LogLevel level) const { return level >= level_.load(std::memory_order_relaxed); }
  void SetLevel(LogLevel level) { level_ = level; }
  LogLevel level() const { return level_.load(std::memory_order_relaxed); }
  /// `event` names what happened, in snake_case; `fields` say more.
  void Log(LogLevel level, std::string_view event, std::initializer_list<LogField> fields = {});
  void Info(std::string_view event, std::initializer_list<LogField> f = {}) { Log(LogLevel::kInfo, event, f); }
  void Warning(std::string_view event, std::initializer_list<LogField> f = {}) { Log(LogLevel::kWarning, event, f); }
  void Error(std::string_view event, std::initializer_list<LogField> f = {}) { Log(LogLevel::kError, event, f); }

  /// A warning that is written whatever the level is: what a reader must know to understand what is missing.
  void Always(std::string_view event, std::initializer_list<LogField> f = {}) { Take(LogLevel::kWarning, event, f); }

  /// Returns once all that was logged before is with the kernel, or `most` has passed: for whoever ends the process
  /// without destructors.
  void Flush(std::chrono::milliseconds most);

  /// How many lines found the buffer full, or were not written whole, since the start.
  std::uint64_t dropped() const { return all_dropped_.load(std::memory_order_relaxed); }

 private:
  /// What one round of the writer takes with it.
  struct Batch {
    std::string text;
    std::int64_t dropped = 0;   // not told yet
    std::uint64_t through = 0;  // the last of its lines, counted from the start
    bool last = false;
  };

  void Run();
  void Take(LogLevel level, std::string_view event, std::initializer_list<LogField> fields);
  void Collect(Batch& batch);
  void Write(Batch& batch);
  bool IsStopping();

  const Clock& clock_;
  const int fd_;
  std::atomic<LogLevel> level_;
  const std::size_t capacity_bytes_;
  const std::size_t most_at_once_;  // bytes a write
  Mutex mu_;
  CondVar wake_;
  CondVar written_;
  std::string pending_ GUARDED_BY(mu_);
  std::int64_t dropped_ GUARDED_BY(mu_) = 0;    // not told yet, for the next batch
  std::uint64_t taken_ GUARDED_BY(mu_) = 0;     // lines since the start, those that were dropped not among them
  std::uint64_t finished_ GUARDED_BY(mu_) = 0;  // of these, lines that were written or given up
  std::uint32_t flushing_ GUARDED_BY(mu_) = 0;  // how many wait in Flush
  bool stopping_ GUARDED_BY(mu_) = false;
  std::atomic<std::uint64_t> all_dropped_{0};
  bool line_is_torn_ = false;  // what was written last ends within a line; only the writer touches it
  std::thread writer_;         // last: it uses all of the above
};

}  // namespace portal::base
