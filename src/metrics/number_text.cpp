#include "metrics/number_text.h"

#include <array>
#include <charconv>
#include <cmath>

namespace portal::metrics {

namespace {

// Whole numbers up to here are doubles without loss.
constexpr double kMostWhole = 9'007'199'254'740'992;

}  // namespace

void AppendNumber(double value, std::string& out) {
  if (std::isnan(value)) {
    out += "NaN";
    return;
  }
  if (std::isinf(value)) {
    out += value > 0 ? "+Inf" : "-Inf";
    return;
  }
  std::array<char, 32> digits;
  char* const end = digits.data() + digits.size();
  const bool is_whole = std::abs(value) < kMostWhole && std::trunc(value) == value;
  const auto written = is_whole ? std::to_chars(digits.data(), end, static_cast<std::int64_t>(value))
                                : std::to_chars(digits.data(), end, value);
  out.append(digits.data(), written.ptr);
}

std::string JsonNumber(std::optional<double> value) {
  if (!value || !std::isfinite(*value)) return "null";
  std::string text;
  AppendNumber(std::round(*value * 1e6) / 1e6, text);
  return text;
}

}  // namespace portal::metrics
