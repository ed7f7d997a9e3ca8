#include "metrics/number_text.h"

#include <array>
#include <charconv>
#include <cmath>

#include "metrics/histogram.h"

namespace portal::metrics {

namespace {

// Whole numbers up to here are doubles without loss.
constexpr double kMostWhole = 9'007'199'254'740'992;

std::array<std::string, kDurationBuckets> MakeBoundTexts() {
  std::array<std::string, kDurationBuckets> texts;
  for (std::size_t i = 0; i < kDurationBounds.size(); ++i) {
    AppendNumber(Milliseconds(kDurationBounds[i]), texts[i]);
    if (texts[i].find('.') == std::string::npos) texts[i] += ".0";
  }
  texts.back() = "+Inf";
  return texts;
}

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

std::string_view BoundText(std::size_t bucket) {
  static const std::array<std::string, kDurationBuckets> texts = MakeBoundTexts();
  return texts[bucket];
}

}  // namespace portal::metrics
