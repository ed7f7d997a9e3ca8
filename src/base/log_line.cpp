#include "base/log_line.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <limits>

#include "base/json_text.h"
#include "base/time_text.h"

namespace portal::base {
namespace {

constexpr std::size_t kMostDigits = std::numeric_limits<std::int64_t>::digits10 + 2;  // and a sign
// Time, level and the names of both and of the event.
constexpr std::size_t kMostOfBegin = 96;

char* Put(std::string_view text, char* out) {
  std::memcpy(out, text.data(), text.size());
  return out + text.size();
}

char* PutNumber(std::int64_t number, char* out) { return std::to_chars(out, out + kMostDigits, number).ptr; }

/// In milliseconds. REQUIRES: `duration` is not negative.
char* PutDuration(std::chrono::nanoseconds duration, char* out) {
  const std::int64_t us = std::chrono::round<std::chrono::microseconds>(duration).count();
  out = PutNumber(us / 1000, out);
  const auto decimals = static_cast<unsigned>(us % 1000);
  *out++ = '.';
  *out++ = static_cast<char>('0' + decimals / 100);
  *out++ = static_cast<char>('0' + decimals / 10 % 10);
  *out++ = static_cast<char>('0' + decimals % 10);
  return out;
}

char* PutValue(const LogField& field, char* out) {
  if (const auto* text = std::get_if<std::string_view>(&field.value)) return WriteJsonString(*text, out);
  if (const auto* number = std::get_if<std::int64_t>(&field.value)) return PutNumber(*number, out);
  return PutDuration(std::max(std::get<std::chrono::nanoseconds>(field.value), std::chrono::nanoseconds{0}), out);
}

std::size_t MostBytes(std::string_view event, std::initializer_list<LogField> fields) {
  std::size_t most = kMostOfBegin + MaxJsonStringSize(event.size());
  for (const LogField& field : fields) {
    const auto* text = std::get_if<std::string_view>(&field.value);
    most += field.key.name.size() + 4 + (text != nullptr ? MaxJsonStringSize(text->size()) : kMostDigits + 4);
  }
  return most;
}

}  // namespace

std::optional<LogLevel> ParseLogLevel(std::string_view name) {
  const auto at = std::ranges::find(kLogLevelNames, name);
  if (at == kLogLevelNames.end()) return std::nullopt;
  return static_cast<LogLevel>(at - kLogLevelNames.begin());
}

// By bare pointers into memory that is there already: this is a tenth of what a small answer costs.
std::string_view LogLine::Write(WallTime time, LogLevel level, std::string_view event,
                                std::initializer_list<LogField> fields) {
  const std::size_t most = MostBytes(event, fields);
  if (most > size_) {
    bytes_ = std::make_unique_for_overwrite<char[]>(most);
    size_ = most;
  }
  char* out = Put(R"({"time":")", bytes_.get());
  out = WriteRfc3339(time, out);
  out = Put(R"(","level":")", out);
  out = Put(ToText(level), out);
  out = Put(R"(","event":)", out);
  out = WriteJsonString(event, out);
  for (const LogField& field : fields) {
    out = Put(",\"", out);
    out = Put(field.key.name, out);
    out = Put("\":", out);
    out = PutValue(field, out);
  }
  out = Put("}\n", out);
  return {bytes_.get(), static_cast<std::size_t>(out - bytes_.get())};
}

}  // namespace portal::base
