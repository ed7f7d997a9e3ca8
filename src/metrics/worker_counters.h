#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/ids.h"
#include "base/single_writer_counter.h"

namespace portal::metrics {

/// A fixed number of counters, of which each worker has its own, so that counting takes no locked instruction.
class WorkerCounters {
 public:
  WorkerCounters(std::size_t workers, std::size_t counters) : rows_(workers) {
    for (auto& row : rows_) row = std::vector<Counter>(counters);
  }

  /// REQUIRES: nobody else adds as this worker at the same time; both are below what was said.
  void Add(base::WorkerId worker, std::size_t counter) { rows_.at(worker.index)[counter].Add(); }

  /// Of all workers. Thread-safe.
  std::uint64_t Sum(std::size_t counter) const {
    std::uint64_t sum = 0;
    for (const auto& row : rows_) sum += row[counter].read();
    return sum;
  }

 private:
  using Counter = base::SingleWriterCounter<std::uint64_t>;

  std::vector<std::vector<Counter>> rows_;
};

}  // namespace portal::metrics
