#include "resilience/guard.h"

namespace portal::resilience {

Verdict VerdictOf(const base::Error& error) {
  using base::ErrorCode;
  if (!error.fault.empty()) return Verdict::kFails;
  const bool says_nothing = error.code == ErrorCode::kUnavailable || error.code == ErrorCode::kOverBudget ||
                            error.code == ErrorCode::kCircuitOpen;
  return says_nothing ? Verdict::kUnknown : Verdict::kWorks;
}

base::Result<CircuitBreaker::Call> Guard::Enter() const {
  if (!breaker_) return CircuitBreaker::Call();
  return breaker_->Enter();
}

base::Status Guard::Check() const {
  if (!breaker_) return {};
  return breaker_->Check();
}

void Guard::Settle(CircuitBreaker::Call& call, const base::Error& error) {
  switch (VerdictOf(error)) {
    case Verdict::kWorks:
      return call.Succeed();
    case Verdict::kFails:
      return call.Fail(error.fault);
    case Verdict::kUnknown:
      return call.Drop();
  }
}

}  // namespace portal::resilience
