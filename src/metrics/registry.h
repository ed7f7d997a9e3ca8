#pragma once

#include <functional>
#include <vector>

#include "base/mutex.h"
#include "metrics/family.h"

namespace portal::metrics {

/// Everything that can be measured, whoever measures it. Thread-safe.
class Registry {
 public:
  /// Appends families whose names nobody else uses. Called from any thread, and never by two at once.
  using Collector = std::function<void(Families&)>;

  void Add(Collector collector);

  /// What all collectors say now, in the order in which they were added.
  Families Collect() const;

 private:
  mutable base::Mutex mu_;
  std::vector<Collector> collectors_ GUARDED_BY(mu_);
};

}  // namespace portal::metrics
