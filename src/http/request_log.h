#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <string_view>

#include "base/error.h"
#include "base/logger.h"
#include "http/recent_errors.h"
#include "http/request.h"

namespace portal::http {

/// What is kept of requests once they are answered: log lines, and the last errors. One for both planes. Thread-safe.
class RequestLog {
 public:
  RequestLog(base::Logger& logger, bool access) : logger_(logger), access_(access) {}

  /// Whether there are access-log lines, from now on.
  void SetAccess(bool on) { access_.store(on, std::memory_order_relaxed); }
  bool access() const { return access_.load(std::memory_order_relaxed); }

  /// One access-log line, when the last byte of the answer is with the kernel or the client is gone. `route` is the
  /// matched pattern, or `other`; `body_bytes` is what was sent of the body, `elapsed` the time since its head was
  /// complete.
  void Answered(const Request& request, std::string_view route, int status, std::uint64_t body_bytes,
                std::chrono::nanoseconds elapsed) const;

  /// What an operator should hear of: each once, bugs included, and not what a client asked wrongly.
  void Failed(const Request& request, const base::Error& error) const;

  /// Remembers an error that a client is being told of, where it is the portal's. `route` as above.
  void Remember(const Request& request, std::string_view route, const base::Error& error) {
    errors_.Note(request, route, error);
  }
  const RecentErrors& errors() const { return errors_; }
  void ForgetErrors() { errors_.Clear(); }

 private:
  base::Logger& logger_;
  std::atomic<bool> access_;
  RecentErrors errors_;
};

}  // namespace portal::http
