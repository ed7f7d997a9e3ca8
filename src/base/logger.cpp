#include "base/logger.h"

#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <climits>
#include <optional>
#include <utility>

namespace portal::base {
namespace {

// What is written together: the lines of this time, or this many bytes of them.
constexpr std::chrono::milliseconds kFlushInterval{50};
constexpr std::size_t kFlushBytes = 256 * 1024;
constexpr int kStuckPollMs = 100;
constexpr std::chrono::seconds kLastWrite{1};
// The part of the buffer that is for warnings and errors alone.
constexpr std::size_t kReservedPart = 8;

/// A pipe's reader may be slow: `poll` speaks for its atomic unit only.
std::size_t MostAtOnce(int fd, std::size_t capacity_bytes) {
  struct stat status {};
  return ::fstat(fd, &status) == 0 && S_ISREG(status.st_mode) ? capacity_bytes : PIPE_BUF;
}

/// Writes `text`, at most `most` bytes at a time, and only while `poll` says that there is room. Returns what is left:
/// it gives up on an error, since it cannot tell when there will be room, and a second after `is_stopping` says that
/// the program ends, however slowly its reader reads.
template <typename IsStopping>
std::string_view WriteAll(int fd, std::size_t most, std::string_view text, IsStopping is_stopping) {
  std::optional<std::chrono::steady_clock::time_point> give_up;
  while (!text.empty()) {
    if (!give_up && is_stopping()) give_up = std::chrono::steady_clock::now() + kLastWrite;
    if (give_up && std::chrono::steady_clock::now() >= *give_up) break;
    pollfd wait{fd, POLLOUT, 0};
    if (::poll(&wait, 1, kStuckPollMs) == 0) continue;
    const ssize_t written = ::write(fd, text.data(), std::min(text.size(), most));
    if (written >= 0) {
      text.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno != EINTR && errno != EAGAIN) {
      break;
    }
  }
  return text;
}

}  // namespace

Logger::Logger(const Clock& clock, int fd, LogLevel level, std::size_t capacity_bytes)
    : clock_(clock),
      fd_(fd),
      level_(level),
      capacity_bytes_(capacity_bytes),
      most_at_once_(MostAtOnce(fd, capacity_bytes)),
      writer_([this] { Run(); }) {}

Logger::~Logger() {
  {
    const MutexLock lock(mu_);
    stopping_ = true;
  }
  wake_.NotifyOne();
  writer_.join();
}

void Logger::Log(LogLevel level, std::string_view event, std::initializer_list<LogField> fields) {
  if (Enabled(level) && level != LogLevel::kOff) Take(level, event, fields);
}

void Logger::Take(LogLevel level, std::string_view event, std::initializer_list<LogField> fields) {
  thread_local LogLine writer;
  const std::string_view line = writer.Write(clock_.Wall(), level, event, fields);
  const std::size_t room =
      level >= LogLevel::kWarning ? capacity_bytes_ : capacity_bytes_ - capacity_bytes_ / kReservedPart;
  bool was_empty = false;
  bool is_enough = false;
  {
    const MutexLock lock(mu_);
    if (pending_.size() + line.size() > room) {
      ++dropped_;
      all_dropped_.fetch_add(1, std::memory_order_relaxed);
      return;
    }
    was_empty = pending_.empty();
    pending_ += line;
    ++taken_;
    is_enough = pending_.size() >= kFlushBytes && pending_.size() - line.size() < kFlushBytes;
  }
  if (was_empty || is_enough) wake_.NotifyOne();
}

/// Waits for lines, then for a moment more, so that many go out in one write.
void Logger::Collect(Batch& batch) {
  const MutexLock lock(mu_);
  while (!stopping_ && pending_.empty()) wake_.Wait(mu_);
  const auto flush = std::chrono::steady_clock::now() + kFlushInterval;
  while (!stopping_ && flushing_ == 0 && pending_.size() < kFlushBytes && wake_.WaitUntil(mu_, flush)) continue;
  batch.text.clear();
  batch.text.swap(pending_);
  batch.dropped += std::exchange(dropped_, 0);
  batch.through = taken_;
  batch.last = stopping_;
}

void Logger::Flush(std::chrono::milliseconds most) {
  const auto give_up = std::chrono::steady_clock::now() + most;
  const MutexLock lock(mu_);
  const std::uint64_t through = taken_;
  ++flushing_;
  wake_.NotifyOne();
  while (finished_ < through && written_.WaitUntil(mu_, give_up)) continue;
  --flushing_;
}

bool Logger::IsStopping() {
  const MutexLock lock(mu_);
  return stopping_;
}

/// What could not be written is in `batch.dropped` afterwards, to be told with the next batch.
void Logger::Write(Batch& batch) {
  const bool tells = batch.dropped > 0;
  if (tells) {
    batch.text += LogLine().Write(clock_.Wall(), LogLevel::kWarning, "log_lines_dropped", {{"count", batch.dropped}});
  }
  const bool ends_torn_line = line_is_torn_ && !batch.text.empty();
  if (ends_torn_line) batch.text.insert(0, 1, '\n');
  const std::string_view lost = WriteAll(fd_, most_at_once_, batch.text, [this] { return IsStopping(); });
  const std::size_t written = batch.text.size() - lost.size();
  if (written > 0) line_is_torn_ = batch.text[written - 1] != '\n';
  if (lost.empty()) {
    batch.dropped = 0;
    return;
  }
  const std::ptrdiff_t not_callers = (tells ? 1 : 0) + (ends_torn_line && written == 0 ? 1 : 0);
  const std::ptrdiff_t lines = std::ranges::count(lost, '\n') - not_callers;
  batch.dropped += lines;
  all_dropped_.fetch_add(static_cast<std::uint64_t>(lines), std::memory_order_relaxed);
}

void Logger::Run() {
  Batch batch;
  while (!batch.last) {
    Collect(batch);
    Write(batch);
    {
      const MutexLock lock(mu_);
      finished_ = batch.through;
    }
    written_.NotifyAll();
  }
}

}  // namespace portal::base
