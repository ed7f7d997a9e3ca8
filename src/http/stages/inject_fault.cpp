#include "http/stages/inject_fault.h"

namespace portal::http::stages {

std::optional<base::Result<Response>> InjectFault(Request& request, FaultInjector& faults) {
  if (!request.fault) request.fault = faults.Choose(request);
  const InjectedFault& fault = *request.fault;
  if (fault.latency.count() > 0) {
    if (request.budget == ReadBudget::kLoop) return base::Fail(base::ErrorCode::kOverBudget, "A delay of test mode");
    faults.Delay(fault);
  }
  if (fault.drop) {
    Response none;
    none.status = 0;
    none.drop = true;
    return none;
  }
  if (fault.error) return base::Fail(*fault.error, "Test mode was told to answer like this");
  return std::nullopt;
}

}  // namespace portal::http::stages
