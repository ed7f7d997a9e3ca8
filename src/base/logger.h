#pragma once

#include <atomic>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <thread>
#include <variant>

#include "base/clock.h"
#include "base/mutex.h"

namespace portal::base {

enum class LogLevel : std::uint8_t { kDebug, kInfo, kWarning, kError, kOff };

/// One `"key":value` of a log line. Text is escaped; a token, a signature or a query value never goes in.
struct LogField {
  std::string_view key;
  std::variant<std::string_view, std::int64_t, double> value;
};

/// JSON lines on a file descriptor: `{"time":"…","level":"info","event":"…",…}`. Callers append to a
/// bounded buffer and a thread of its own writes it out, so that a slow terminal or a full pipe never
/// holds up a request: when the buffer is full the line is dropped and counted, and the count is logged
/// once there is room again. Thread-safe.
class Logger {
 public:
  /// `fd` is borrowed. `capacity_bytes` bounds what waits to be written.
  Logger(const Clock& clock, int fd, LogLevel level, std::size_t capacity_bytes = 4 << 20);
  ~Logger();  ///< writes what waits, for at most a second
  Logger(const Logger&) = delete;
  Logger& operator=(const Logger&) = delete;

  bool Enabled(LogLevel level) const { return level >= level_.load(std::memory_order_relaxed); }
  void SetLevel(LogLevel level) { level_ = level; }
  /// Lines that found the buffer full, since the start.
  std::uint64_t dropped() const { return all_dropped_.load(std::memory_order_relaxed); }
  /// `event` names what happened, in snake_case; `fields` say more.
  void Log(LogLevel level, std::string_view event, std::initializer_list<LogField> fields = {});
  void Info(std::string_view event, std::initializer_list<LogField> f = {}) { Log(LogLevel::kInfo, event, f); }
  void Warning(std::string_view event, std::initializer_list<LogField> f = {}) { Log(LogLevel::kWarning, event, f); }
  void Error(std::string_view event, std::initializer_list<LogField> f = {}) { Log(LogLevel::kError, event, f); }

 private:
  /// What one round of the writer takes with it.
  struct Batch {
    std::string text;
    std::int64_t dropped = 0;
    bool last = false;
  };

  void Run();
  void Collect(Batch& batch);
  bool IsStopping();

  const Clock& clock_;
  const int fd_;
  std::atomic<LogLevel> level_;
  const std::size_t capacity_bytes_;
  std::atomic<std::uint64_t> all_dropped_{0};
  Mutex mu_;
  CondVar wake_;
  std::string pending_ GUARDED_BY(mu_);
  std::int64_t dropped_ GUARDED_BY(mu_) = 0;
  bool stopping_ GUARDED_BY(mu_) = false;
  std::thread writer_;  // last: it uses all of the above
};

}  // namespace portal::base
