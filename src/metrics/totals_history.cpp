#include "metrics/totals_history.h"

#include <utility>

namespace portal::metrics {

void TotalsHistory::Note(Entry entry) {
  const std::size_t count = entries_.size();
  // The last one is left out where its neighbours are no more than a step apart.
  if (count > 1 && entry.at - entries_[count - 2].at <= step_) entries_.pop_back();
  entries_.push_back(std::move(entry));
  while (entries_.size() > 1 && entries_[1].at <= now().at - window_) entries_.pop_front();
}

}  // namespace portal::metrics
