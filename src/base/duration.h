#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace portal::base {

/// A duration as configuration writes it: digits and one of `ms s m h d`, as in `15m`. Nothing else.
std::optional<std::chrono::milliseconds> ParseDuration(std::string_view text);
/// The shortest text that `ParseDuration` reads back: `15m`, `90s`, `250ms`.
std::string FormatDuration(std::chrono::milliseconds duration);

}  // namespace portal::base
