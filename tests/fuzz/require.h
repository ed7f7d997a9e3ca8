#pragma once

#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace portal::fuzz {

/// Ends the program, which makes the input a finding, unless `holds`; `property` says what should.
inline void Require(bool holds, std::string_view property) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %.*s\n", static_cast<int>(property.size()), property.data());
  std::abort();
}

}  // namespace portal::fuzz
