#include "cli/number_text.h"

#include <algorithm>
#include <array>
#include <cstdio>

namespace portal::cli {

std::string Grouped(std::uint64_t number) {
  std::string digits = std::to_string(number);
  for (std::size_t at = digits.size(); at > 3; at -= 3) digits.insert(at - 3, 1, ',');
  return digits;
}

std::string Counted(std::uint64_t count, const std::string& noun) {
  return Grouped(count) + " " + noun + (count == 1 ? "" : "s");
}

std::string Decimal(double value) {
  std::string text(32, '\0');
  text.resize(static_cast<std::size_t>(std::max(0, std::snprintf(text.data(), text.size(), "%.1f", value))));
  return text;
}

std::string ByteSize(std::uint64_t bytes) {
  static constexpr std::array<const char*, 4> kUnits = {" KiB", " MiB", " GiB", " TiB"};
  if (bytes < 1024) return Counted(bytes, "byte");
  double value = static_cast<double>(bytes) / 1024;
  std::size_t unit = 0;
  for (; value >= 1024 && unit + 1 < kUnits.size(); ++unit) value /= 1024;
  return Decimal(value) + kUnits[unit];
}

}  // namespace portal::cli
