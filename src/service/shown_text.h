#pragma once

#include <string>
#include <string_view>

namespace portal::service {

/// Somebody's text as a message shows it: its first 60 bytes at most, whole characters all, and `…` where it goes on.
inline std::string Shown(std::string_view text) {
  constexpr std::size_t kShown = 60;
  if (text.size() <= kShown) return std::string(text);
  std::size_t cut = kShown;
  while (cut > 0 && (static_cast<unsigned char>(text[cut]) & 0xC0) == 0x80) --cut;  // not inside a character
  return std::string(text.substr(0, cut)) + "…";
}

inline std::string Quoted(std::string_view text) { return "\"" + Shown(text) + "\""; }

}  // namespace portal::service
