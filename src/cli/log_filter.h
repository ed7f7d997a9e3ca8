#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/logger.h"
#include "cli/log_entry.h"

namespace portal::cli {

/// Which statuses: one, or all of a hundred.
class StatusPattern {
 public:
  /// `404` or `5xx`; nullopt: it is neither.
  static std::optional<StatusPattern> Parse(std::string_view text);
  bool Matches(std::string_view status) const;

 private:
  std::string digits_;  // those that a status begins with: all three, or its first
};

/// Which log lines are asked for: those for which all of it holds.
struct LogFilter {
  std::optional<std::string> trace_id;
  std::optional<std::string> client;
  std::optional<std::string> route;  ///< its pattern, as the lines have it
  std::optional<StatusPattern> status;
  std::optional<base::LogLevel> level;  ///< that one, or a graver one

  bool Passes(const LogEntry& entry) const;
  /// Whether it lets everything through, somebody else's lines too.
  bool empty() const { return !trace_id && !client && !route && !status && !level; }
};

}  // namespace portal::cli
