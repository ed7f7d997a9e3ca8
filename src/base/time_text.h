#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace portal::base {

/// Writes RFC 3339 in UTC with milliseconds, `2025-09-01T10:15:00.000Z`: 24 bytes. Returns where it ended.
/// REQUIRES: a year from 0000 to 9999.
char* WriteRfc3339(WallTime time, char* out);
void AppendRfc3339(WallTime time, std::string& out);
std::string FormatRfc3339(WallTime time);

/// Parses RFC 3339 `date-time` (§5.6): any offset, any number of fractional digits (cut to milliseconds).
/// Refuses dates that do not exist, leap seconds and a missing offset. Also refuses what the formatter
/// cannot print again.
std::optional<WallTime> ParseRfc3339(std::string_view text);

/// IMF-fixdate of RFC 9110 §5.6.7, `Tue, 02 Sep 2025 02:05:23 GMT` (29 bytes).
void AppendHttpDate(WallTime time, std::string& out);

/// All three forms of HTTP-date that RFC 9110 §5.6.7 asks a recipient to accept.
/// `now` decides the century of the two-digit RFC 850 year.
std::optional<WallTime> ParseHttpDate(std::string_view text, WallTime now);

}  // namespace portal::base
