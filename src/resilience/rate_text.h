#pragma once

#include <string>

namespace portal::resilience {

/// A share of 1 as a JSON number of at most three decimals: `0.6`, `0.667`, `0`.
std::string RateText(double rate);

}  // namespace portal::resilience
