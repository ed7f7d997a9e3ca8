#pragma once

#include <chrono>
#include <deque>
#include <vector>

#include "base/clock.h"
#include "metrics/endpoint_totals.h"

namespace portal::metrics {

/// How totals stood now and in the past, as far back as a window reaches: what has come within the window is the
/// difference of two of them. Remembers one for each step, at most twice `window / step` and a few. Not thread-safe.
class TotalsHistory {
 public:
  struct Entry {
    base::MonotonicTime at;
    base::WallTime wall;
    std::vector<EndpointTotals> totals;
  };

  TotalsHistory(std::chrono::seconds window, std::chrono::seconds step, Entry first)
      : window_(window), step_(step), entries_{std::move(first)} {}

  /// REQUIRES: `entry` is not older than the last one.
  void Note(Entry entry);

  const Entry& now() const { return entries_.back(); }
  /// The youngest entry that is as old as the window is long, or up to a step older; the first one where none is.
  /// Older, too, where nothing was noted for more than a step.
  const Entry& start() const { return entries_.front(); }

 private:
  const std::chrono::seconds window_;
  const std::chrono::seconds step_;
  std::deque<Entry> entries_;  // by time
};

}  // namespace portal::metrics
