#include "base/logger.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <climits>
#include <utility>

#include "base/json_text.h"
#include "base/time_text.h"

namespace portal::base {
namespace {

constexpr std::array<std::string_view, 4> kLevelNames = {"debug", "info", "warning", "error"};
constexpr std::chrono::milliseconds kFlushInterval{50};
constexpr int kStuckPollMs = 1000;

void AppendValue(const LogField& field, std::string& line) {
  if (const auto* text = std::get_if<std::string_view>(&field.value)) {
    AppendJsonString(*text, line);
  } else if (const auto* number = std::get_if<std::int64_t>(&field.value)) {
    AppendDecimal(*number, line);
  } else {
    char digits[32];
    const auto end =
        std::to_chars(digits, digits + sizeof(digits), std::get<double>(field.value), std::chars_format::fixed, 3).ptr;
    line.append(digits, end);
  }
}

void AppendLine(WallTime time, LogLevel level, std::string_view event, std::initializer_list<LogField> fields,
                std::string& line) {
  line += R"({"time":")";
  AppendRfc3339(time, line);
  line += R"(","level":")";
  line += kLevelNames[static_cast<std::size_t>(level)];
  line += R"(","event":)";
  AppendJsonString(event, line);
  for (const LogField& field : fields) {
    line += ",\"";
    line += field.key;
    line += "\":";
    AppendValue(field, line);
  }
  line += "}\n";
}

/// Writes `text` a pipe's atomic unit at a time, so that `poll` tells whether a write would block. Gives up
/// on an error, since there is nobody left to tell, and when `give_up` says so while the reader is stuck.
template <typename GiveUp>
void WriteAll(int fd, std::string_view text, GiveUp give_up) {
  while (!text.empty()) {
    pollfd wait{fd, POLLOUT, 0};
    if (::poll(&wait, 1, kStuckPollMs) == 0) {
      if (give_up()) return;
      continue;
    }
    const ssize_t written = ::write(fd, text.data(), std::min<std::size_t>(text.size(), PIPE_BUF));
    if (written >= 0) {
      text.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno != EINTR && errno != EAGAIN) {
      return;
    }
  }
}

}  // namespace

Logger::Logger(const Clock& clock, int fd, LogLevel level, std::size_t capacity_bytes)
    : clock_(clock), fd_(fd), level_(level), capacity_bytes_(capacity_bytes), writer_([this] { Run(); }) {}

Logger::~Logger() {
  {
    const std::lock_guard lock(mu_);
    stopping_ = true;
  }
  wake_.notify_one();
  writer_.join();
}

void Logger::Log(LogLevel level, std::string_view event, std::initializer_list<LogField> fields) {
  if (!Enabled(level) || level == LogLevel::kOff) return;
  thread_local std::string line;  // its capacity is reused by the thread's next line
  line.clear();
  AppendLine(clock_.Wall(), level, event, fields, line);
  bool was_empty = false;
  {
    const std::lock_guard lock(mu_);
    if (pending_.size() + line.size() > capacity_bytes_) {
      ++dropped_;
      return;
    }
    was_empty = pending_.empty();
    pending_ += line;
  }
  if (was_empty) wake_.notify_one();
}

void Logger::Run() {
  std::string writing;
  std::unique_lock lock(mu_);
  for (;;) {
    wake_.wait(lock, [this] { return stopping_ || !pending_.empty(); });
    if (!stopping_) wake_.wait_for(lock, kFlushInterval, [this] { return stopping_; });
    const bool last = stopping_;
    writing.swap(pending_);
    const std::int64_t dropped = std::exchange(dropped_, 0);
    lock.unlock();
    if (dropped > 0) AppendLine(clock_.Wall(), LogLevel::kWarning, "log_lines_dropped", {{"count", dropped}}, writing);
    WriteAll(fd_, writing, [this] {
      const std::lock_guard relock(mu_);
      return stopping_;
    });
    writing.clear();
    lock.lock();
    if (last && pending_.empty()) return;
  }
}

}  // namespace portal::base
