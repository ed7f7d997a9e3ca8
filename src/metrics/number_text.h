#pragma once

#include <optional>
#include <string>

namespace portal::metrics {

/// Appends the shortest text that reads back as `value`: whole numbers without a point, `+Inf`, `-Inf`, `NaN`.
void AppendNumber(double value, std::string& out);

/// A JSON number of at most six decimals, or `null`.
std::string JsonNumber(std::optional<double> value);

}  // namespace portal::metrics
