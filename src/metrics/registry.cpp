#include "metrics/registry.h"

#include <utility>

namespace portal::metrics {

void Registry::Add(Collector collector) {
  const base::MutexLock lock(mu_);
  collectors_.push_back(std::move(collector));
}

Families Registry::Collect() const {
  const base::MutexLock lock(mu_);
  Families families;
  for (const Collector& collect : collectors_) collect(families);
  return families;
}

}  // namespace portal::metrics
