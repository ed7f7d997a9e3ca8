#pragma once

#include <chrono>
#include <string>
#include <string_view>

namespace portal::metrics {

/// Appends the shortest text that reads back as `value`: whole numbers without a point, `+Inf`, `-Inf`, `NaN`.
void AppendNumber(double value, std::string& out);

/// A bucket's bound as its label in every format: `0.1`, `50.0` (OpenMetrics 1.0, "Considerations: Canonical Numbers").
std::string_view BoundText(std::size_t bucket);  ///< `+Inf` of the last bucket

inline double Milliseconds(std::chrono::nanoseconds duration) {
  return std::chrono::duration<double, std::milli>(duration).count();
}

}  // namespace portal::metrics
