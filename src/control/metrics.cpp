#include "control/handlers.h"
#include "metrics/exposition.h"

namespace portal::control {

Result<Answer> GetMetrics(const Context& context, Request&) {
  Answer answer;
  answer.body = metrics::Expose(context.metrics.Collect(), metrics::Format::kJson);
  return answer;
}

}  // namespace portal::control
