#include "service/probes.h"

#include "control/handlers.h"

namespace portal::control {

Result<Answer> GetLiveness(const Context&, Request&) { return Answer{service::AnswerLiveness(), {}}; }

Result<Answer> GetReadiness(const Context& context, Request&) {
  return Answer{service::AnswerReadiness(context.readiness), {}};
}

}  // namespace portal::control
