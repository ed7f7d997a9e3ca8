#pragma once

#include <functional>
#include <utility>
#include <vector>

#include "metrics/family.h"

namespace portal::metrics {

/// Everything that can be measured, whoever measures it. What it is made of never changes, so that scrapes need no lock
/// and do not wait for each other. Thread-safe.
class Registry {
 public:
  /// Appends families whose names nobody else uses. Called from any thread, and by several at once; on event loops too,
  /// so that it waits for neither disk nor network.
  using Collector = std::function<void(Families&)>;

  explicit Registry(std::vector<Collector> collectors = {}) : collectors_(std::move(collectors)) {}

  /// What all collectors say now, in their order.
  Families Collect() const;

 private:
  const std::vector<Collector> collectors_;
};

}  // namespace portal::metrics
