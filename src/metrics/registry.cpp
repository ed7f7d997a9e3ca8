#include "metrics/registry.h"

namespace portal::metrics {

Families Registry::Collect() const {
  Families families;
  for (const Collector& collect : collectors_) collect(families);
  return families;
}

}  // namespace portal::metrics
