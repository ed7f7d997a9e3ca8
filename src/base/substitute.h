#pragma once

#include <string>
#include <string_view>

namespace portal::base {

/// Replaces every `placeholder` in `text`; what was put in is not looked at again.
inline void Substitute(std::string& text, std::string_view placeholder, std::string_view value) {
  for (std::size_t at = 0; (at = text.find(placeholder, at)) != std::string::npos; at += value.size()) {
    text.replace(at, placeholder.size(), value);
  }
}

}  // namespace portal::base
