#include "cli/log_filter.h"

#include <algorithm>

namespace portal::cli {

std::optional<StatusPattern> StatusPattern::Parse(std::string_view text) {
  if (text.size() != 3 || text[0] < '1' || text[0] > '5') return std::nullopt;
  const std::string_view rest = text.substr(1);
  const bool one = std::ranges::all_of(rest, [](char c) { return c >= '0' && c <= '9'; });
  if (!one && rest != "xx") return std::nullopt;
  StatusPattern pattern;
  pattern.digits_ = text.substr(0, one ? 3 : 1);
  return pattern;
}

bool StatusPattern::Matches(std::string_view status) const { return status.size() == 3 && status.starts_with(digits_); }

bool LogFilter::Passes(const LogEntry& entry) const {
  const auto is = [&entry](std::string_view key, const std::optional<std::string>& wanted) {
    return !wanted || entry.Value(key) == *wanted;
  };
  if (!is("trace_id", trace_id) || !is("client", client) || !is("route", route)) return false;
  if (status && !status->Matches(entry.Value("status"))) return false;
  if (!level) return true;
  const auto own = base::ParseLogLevel(entry.Value("level"));
  return own && *own >= *level;
}

}  // namespace portal::cli
