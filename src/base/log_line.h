#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string_view>
#include <variant>

#include "base/clock.h"

namespace portal::base {

enum class LogLevel : std::uint8_t { kDebug, kInfo, kWarning, kError, kOff };

/// As configuration and log lines name them, in the order of `LogLevel`.
inline constexpr std::array<std::string_view, 5> kLogLevelNames = {"debug", "info", "warning", "error", "off"};
constexpr std::string_view ToText(LogLevel level) { return kLogLevelNames[static_cast<std::size_t>(level)]; }
/// nullopt: there is no such level.
std::optional<LogLevel> ParseLogLevel(std::string_view name);

/// One `"key":value` of a log line. Text is escaped; a token, a signature or a query value never goes in. A duration is
/// written in milliseconds with three decimals.
struct LogField {
  std::string_view key;
  std::variant<std::string_view, std::int64_t, std::chrono::nanoseconds> value;
};

/// Writes log lines, one at a time, into memory that it keeps. Not thread-safe.
class LogLine {
 public:
  /// `{"time":"…","level":"info","event":"…",…}` and its end of line. Good until the next one.
  std::string_view Write(WallTime time, LogLevel level, std::string_view event, std::initializer_list<LogField> fields);

 private:
  std::unique_ptr<char[]> bytes_;
  std::size_t size_ = 0;
};

}  // namespace portal::base
