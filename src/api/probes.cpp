#include "service/probes.h"

#include "api/handlers.h"

namespace portal::api {

// Probes take any query: orchestrators append their own.

Result<Response> GetLiveness(const Context&, const Request&) { return service::AnswerLiveness(); }

Result<Response> GetReadiness(const Context& context, const Request&) {
  return service::AnswerReadiness(context.readiness);
}

}  // namespace portal::api
