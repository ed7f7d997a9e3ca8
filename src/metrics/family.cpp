#include "metrics/family.h"

namespace portal::metrics {

std::string_view ToText(Type type) {
  switch (type) {
    case Type::kCounter:
      return "counter";
    case Type::kGauge:
      return "gauge";
    case Type::kHistogram:
      return "histogram";
    case Type::kUnknown:
      return "unknown";
    case Type::kInfo:
      return "info";
  }
  return "unknown";
}

}  // namespace portal::metrics
