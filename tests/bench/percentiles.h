#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <vector>

namespace portal::bench {

using Nanoseconds = std::chrono::nanoseconds;

/// The least of `times` that at least `share` of them do not exceed, in microseconds. REQUIRES: not empty; sorts them.
inline double Percentile(std::vector<Nanoseconds>& times, double share) {
  std::ranges::sort(times);
  const auto rank = static_cast<std::size_t>(share * static_cast<double>(times.size()));
  return std::chrono::duration<double, std::micro>(times[std::min(rank, times.size() - 1)]).count();
}

}  // namespace portal::bench
