#pragma once

#include <algorithm>
#include <string_view>

namespace portal::model {

constexpr bool IsAsciiAlphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/// `prefix` and 1 to 60 of `[A-Za-z0-9_-]`: the shape of job and file ids.
inline bool IsPrefixedId(std::string_view text, std::string_view prefix) {
  constexpr std::size_t kMaxRest = 60;
  if (!text.starts_with(prefix)) return false;
  const std::string_view rest = text.substr(prefix.size());
  return !rest.empty() && rest.size() <= kMaxRest &&
         std::all_of(rest.begin(), rest.end(), [](char c) { return IsAsciiAlphanumeric(c) || c == '_' || c == '-'; });
}

}  // namespace portal::model
