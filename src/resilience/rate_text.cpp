#include "resilience/rate_text.h"

#include <array>
#include <charconv>
#include <cmath>

namespace portal::resilience {

std::string RateText(double rate) {
  std::array<char, 32> text;
  const auto end = std::to_chars(text.data(), text.data() + text.size(), std::round(rate * 1000) / 1000).ptr;
  return std::string(text.data(), end);
}

}  // namespace portal::resilience
