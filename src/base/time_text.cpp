#include "base/time_text.h"

#include <array>
#include <cstdint>
#include <cstring>

namespace portal::base {
namespace {

using std::chrono::days;
using std::chrono::floor;
using std::chrono::milliseconds;
using std::chrono::sys_days;
using std::chrono::year_month_day;

constexpr std::array<std::string_view, 7> kDayNames = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::array<std::string_view, 7> kLongDayNames = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                                           "Thursday", "Friday", "Saturday"};
constexpr std::array<std::string_view, 12> kMonthNames = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                          "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

constexpr std::array<char, 200> kTwoDigits = [] {
  std::array<char, 200> table{};
  for (std::size_t i = 0; i < 100; ++i) {
    table[2 * i] = static_cast<char>('0' + i / 10);
    table[2 * i + 1] = static_cast<char>('0' + i % 10);
  }
  return table;
}();

char* PutTwo(char* at, unsigned value) {
  std::memcpy(at, kTwoDigits.data() + 2 * value, 2);
  return at + 2;
}

char* PutThree(char* at, unsigned value) {
  *at = static_cast<char>('0' + value / 100);
  return PutTwo(at + 1, value % 100);
}

char* PutYear(char* at, std::chrono::year year) {
  const auto value = static_cast<unsigned>(static_cast<int>(year));
  return PutTwo(PutTwo(at, value / 100), value % 100);
}

char* PutText(char* at, std::string_view text) {
  std::memcpy(at, text.data(), text.size());
  return at + text.size();
}

/// Reads a text from left to right; once something does not fit, everything after fails too.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  bool ok() const { return ok_; }
  bool AtEnd() const { return ok_ && rest_.empty(); }

  int Digits(std::size_t width) {
    int value = 0;
    if (rest_.size() < width) ok_ = false;
    for (std::size_t i = 0; ok_ && i < width; ++i) {
      if (rest_[i] < '0' || rest_[i] > '9') ok_ = false;
      value = value * 10 + (rest_[i] - '0');
    }
    if (ok_) rest_.remove_prefix(width);
    return value;
  }
  bool Accept(std::string_view text) {
    if (!ok_ || !rest_.starts_with(text)) return false;
    rest_.remove_prefix(text.size());
    return true;
  }
  void Expect(std::string_view text) {
    if (!Accept(text)) ok_ = false;
  }
  template <std::size_t N>
  int OneOf(const std::array<std::string_view, N>& names) {
    for (std::size_t i = 0; i < N; ++i) {
      if (Accept(names[i])) return static_cast<int>(i);
    }
    ok_ = false;
    return 0;
  }
  /// `.123456`: the first three digits; the rest is read and dropped.
  int Fraction() {
    int value = 0;
    std::size_t count = 0;
    while (!rest_.empty() && rest_[0] >= '0' && rest_[0] <= '9') {
      if (count < 3) value = value * 10 + (rest_[0] - '0');
      ++count;
      rest_.remove_prefix(1);
    }
    if (count == 0) ok_ = false;
    for (; count < 3; ++count) value *= 10;
    return value;
  }

 private:
  std::string_view rest_;
  bool ok_ = true;
};

std::optional<WallTime> Compose(int year, int month, int day, int hour, int minute, int second, int ms) {
  const year_month_day date{std::chrono::year{year}, std::chrono::month(static_cast<unsigned>(month)),
                            std::chrono::day(static_cast<unsigned>(day))};
  if (!date.ok() || hour > 23 || minute > 59 || second > 59) return std::nullopt;
  return sys_days{date} + std::chrono::hours{hour} + std::chrono::minutes{minute} + std::chrono::seconds{second} +
         milliseconds{ms};
}

constexpr WallTime kFirstPrintable = sys_days{std::chrono::year{0} / 1 / 1};
constexpr WallTime kEndOfPrintable = sys_days{std::chrono::year{10000} / 1 / 1};

}  // namespace

char* WriteRfc3339(WallTime time, char* out) {
  const auto day = floor<days>(time);
  const year_month_day date{day};
  const auto in_day = static_cast<unsigned>((time - day).count());
  char* at = PutYear(out, date.year());
  *at++ = '-';
  at = PutTwo(at, static_cast<unsigned>(date.month()));
  *at++ = '-';
  at = PutTwo(at, static_cast<unsigned>(date.day()));
  *at++ = 'T';
  at = PutTwo(at, in_day / 3'600'000);
  *at++ = ':';
  at = PutTwo(at, in_day / 60'000 % 60);
  *at++ = ':';
  at = PutTwo(at, in_day / 1000 % 60);
  *at++ = '.';
  at = PutThree(at, in_day % 1000);
  *at++ = 'Z';
  return at;
}

void AppendRfc3339(WallTime time, std::string& out) {
  char text[24];
  out.append(text, WriteRfc3339(time, text));
}

std::string FormatRfc3339(WallTime time) {
  std::string out;
  AppendRfc3339(time, out);
  return out;
}

std::optional<WallTime> ParseRfc3339(std::string_view text) {
  Scanner in(text);
  const int year = in.Digits(4);
  in.Expect("-");
  const int month = in.Digits(2);
  in.Expect("-");
  const int day = in.Digits(2);
  if (!in.Accept("T") && !in.Accept("t")) in.Expect(" ");
  const int hour = in.Digits(2);
  in.Expect(":");
  const int minute = in.Digits(2);
  in.Expect(":");
  const int second = in.Digits(2);
  const int ms = in.Accept(".") ? in.Fraction() : 0;
  std::chrono::minutes offset{0};
  if (!in.Accept("Z") && !in.Accept("z")) {
    const int sign = in.Accept("-") ? -1 : 1;
    if (sign > 0) in.Expect("+");
    const int offset_hours = in.Digits(2);
    in.Expect(":");
    const int offset_minutes = in.Digits(2);
    if (offset_hours > 23 || offset_minutes > 59) return std::nullopt;
    offset = std::chrono::minutes{sign * (offset_hours * 60 + offset_minutes)};
  }
  if (!in.AtEnd()) return std::nullopt;
  auto time = Compose(year, month, day, hour, minute, second, ms);
  if (!time) return std::nullopt;
  *time -= offset;
  if (*time < kFirstPrintable || *time >= kEndOfPrintable) return std::nullopt;
  return time;
}

void AppendHttpDate(WallTime time, std::string& out) {
  const auto day = floor<days>(time);
  const year_month_day date{day};
  const auto in_day = static_cast<unsigned>(floor<std::chrono::seconds>(time - day).count());
  char text[29];
  char* at = PutText(text, kDayNames[std::chrono::weekday{day}.c_encoding()]);
  at = PutText(at, ", ");
  at = PutTwo(at, static_cast<unsigned>(date.day()));
  *at++ = ' ';
  at = PutText(at, kMonthNames[static_cast<unsigned>(date.month()) - 1]);
  *at++ = ' ';
  at = PutYear(at, date.year());
  *at++ = ' ';
  at = PutTwo(at, in_day / 3600);
  *at++ = ':';
  at = PutTwo(at, in_day / 60 % 60);
  *at++ = ':';
  at = PutTwo(at, in_day % 60);
  at = PutText(at, " GMT");
  out.append(text, at);
}

namespace {

struct ClockTime {
  int hour, minute, second;
};

ClockTime ReadClockTime(Scanner& in) {
  ClockTime time{};
  time.hour = in.Digits(2);
  in.Expect(":");
  time.minute = in.Digits(2);
  in.Expect(":");
  time.second = in.Digits(2);
  return time;
}

/// `Sun, 06 Nov 1994 08:49:37 GMT`
std::optional<WallTime> ParseImfFixdate(std::string_view text) {
  Scanner in(text);
  in.OneOf(kDayNames);
  in.Expect(", ");
  const int day = in.Digits(2);
  in.Expect(" ");
  const int month = in.OneOf(kMonthNames) + 1;
  in.Expect(" ");
  const int year = in.Digits(4);
  in.Expect(" ");
  const ClockTime time = ReadClockTime(in);
  in.Expect(" GMT");
  if (!in.AtEnd()) return std::nullopt;
  return Compose(year, month, day, time.hour, time.minute, time.second, 0);
}

/// `Sunday, 06-Nov-94 08:49:37 GMT`; a year that seems more than 50 years ahead is in the past.
std::optional<WallTime> ParseRfc850Date(std::string_view text, WallTime now) {
  Scanner in(text);
  in.OneOf(kLongDayNames);
  in.Expect(", ");
  const int day = in.Digits(2);
  in.Expect("-");
  const int month = in.OneOf(kMonthNames) + 1;
  in.Expect("-");
  const int two_digits = in.Digits(2);
  in.Expect(" ");
  const ClockTime time = ReadClockTime(in);
  in.Expect(" GMT");
  if (!in.AtEnd()) return std::nullopt;
  const int this_year = static_cast<int>(year_month_day{floor<days>(now)}.year());
  int year = this_year - this_year % 100 + two_digits;
  if (year > this_year + 50) year -= 100;
  return Compose(year, month, day, time.hour, time.minute, time.second, 0);
}

/// `Sun Nov  6 08:49:37 1994`
std::optional<WallTime> ParseAsctimeDate(std::string_view text) {
  Scanner in(text);
  in.OneOf(kDayNames);
  in.Expect(" ");
  const int month = in.OneOf(kMonthNames) + 1;
  in.Expect(" ");
  const int day = in.Accept(" ") ? in.Digits(1) : in.Digits(2);
  in.Expect(" ");
  const ClockTime time = ReadClockTime(in);
  in.Expect(" ");
  const int year = in.Digits(4);
  if (!in.AtEnd()) return std::nullopt;
  return Compose(year, month, day, time.hour, time.minute, time.second, 0);
}

}  // namespace

std::optional<WallTime> ParseHttpDate(std::string_view text, WallTime now) {
  if (const auto time = ParseImfFixdate(text)) return time;
  if (const auto time = ParseRfc850Date(text, now)) return time;
  return ParseAsctimeDate(text);
}

}  // namespace portal::base
