#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/ids.h"

namespace portal::metrics {

/// A fixed number of counters, of which each worker has its own, so that counting takes no locked instruction.
class WorkerCounters {
 public:
  WorkerCounters(std::size_t workers, std::size_t counters) : rows_(workers) {
    for (auto& row : rows_) row = std::vector<std::atomic<std::uint64_t>>(counters);
  }

  /// REQUIRES: nobody else adds as this worker at the same time; both are below what was said.
  void Add(base::WorkerId worker, std::size_t counter) {
    std::atomic<std::uint64_t>& value = rows_.at(worker.index)[counter];
    value.store(value.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  }

  /// Of all workers. Thread-safe.
  std::uint64_t Sum(std::size_t counter) const {
    std::uint64_t sum = 0;
    for (const auto& row : rows_) sum += row[counter].load(std::memory_order_relaxed);
    return sum;
  }

 private:
  std::vector<std::vector<std::atomic<std::uint64_t>>> rows_;
};

}  // namespace portal::metrics
