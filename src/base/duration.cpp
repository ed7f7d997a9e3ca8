#include "base/duration.h"

#include <array>
#include <charconv>
#include <cstdint>

namespace portal::base {
namespace {

struct Unit {
  std::string_view name;
  std::int64_t ms;
};
constexpr std::array<Unit, 5> kUnits = {{{"d", 86'400'000}, {"h", 3'600'000}, {"m", 60'000}, {"s", 1000}, {"ms", 1}}};

}  // namespace

std::optional<std::chrono::milliseconds> ParseDuration(std::string_view text) {
  std::int64_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error != std::errc{} || count < 0) return std::nullopt;
  const std::string_view unit_name = text.substr(static_cast<std::size_t>(end - text.data()));
  for (const Unit& unit : kUnits) {
    if (unit.name != unit_name) continue;
    std::int64_t ms = 0;
    if (__builtin_mul_overflow(count, unit.ms, &ms)) return std::nullopt;
    return std::chrono::milliseconds{ms};
  }
  return std::nullopt;
}

std::string FormatDuration(std::chrono::milliseconds duration) {
  for (const Unit& unit : kUnits) {
    if (duration.count() % unit.ms == 0 && (duration.count() != 0 || unit.name == "s")) {
      return std::to_string(duration.count() / unit.ms) + std::string(unit.name);
    }
  }
  return std::to_string(duration.count()) + "ms";
}

}  // namespace portal::base
