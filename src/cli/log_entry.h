#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace portal::cli {

/// One of the portal's log lines, as base/logger.h writes them: a flat object of texts and numbers.
class LogEntry {
 public:
  /// nullopt: it is somebody else's line.
  static std::optional<LogEntry> Read(std::string_view line);

  /// Decoded; a number as it is written. Empty where there is no such field.
  std::string_view Value(std::string_view key) const;
  const std::vector<std::pair<std::string, std::string>>& fields() const { return fields_; }

 private:
  std::vector<std::pair<std::string, std::string>> fields_;  // in the line's order
};

}  // namespace portal::cli
