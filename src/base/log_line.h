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

/// What every line begins with: no field has such a name, since readers of JSON take one of two members.
inline constexpr std::array<std::string_view, 3> kFixedLogKeys = {"time", "level", "event"};
constexpr bool IsFixedLogKey(std::string_view name) {
  return name == kFixedLogKeys[0] || name == kFixedLogKeys[1] || name == kFixedLogKeys[2];
}

/// A field's name, in snake_case. One of `kFixedLogKeys` does not compile.
struct LogKey {
  consteval LogKey(const char* text) : name(text) {
    if (IsFixedLogKey(name)) throw "every line has this key already";
  }
  std::string_view name;
};

/// One `"key":value` of a log line. Text is escaped; a token, a signature or a query value never goes in. A duration is
/// written in milliseconds with three decimals.
struct LogField {
  LogKey key;
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
