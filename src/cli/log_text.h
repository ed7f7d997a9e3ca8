#pragma once

#include <string>
#include <string_view>

#include "cli/log_entry.h"

namespace portal::cli {

/// A log line for people, with its end: when, how grave, what, then the other fields that are not empty as `key=value`.
/// A request is told in one go: `GET /v1/contacts 200 1.250 ms 512 bytes`. No value can steer a terminal: control
/// characters are shown as `\u001b`. `colour`: with those of ECMA-48.
std::string PrettyLine(const LogEntry& entry, bool colour);

/// Somebody else's line for a terminal, which it cannot steer either: tabs and the line's end stay, other control
/// characters are shown as `\u001b`, and bytes that are no UTF-8 as `\x9b`.
std::string HarmlessLine(std::string_view line);

}  // namespace portal::cli
