#include "resilience/guard.h"

namespace portal::resilience {

namespace {

base::Result<CircuitBreaker::Call> EnterOne(CircuitBreaker* breaker) {
  if (!breaker) return CircuitBreaker::Call();
  return breaker->Enter();
}

}  // namespace

Verdict VerdictOf(const base::Error& error) {
  using base::ErrorCode;
  if (!error.fault.empty()) return error.code == ErrorCode::kStorageFull ? Verdict::kFull : Verdict::kFails;
  const bool says_nothing = error.code == ErrorCode::kUnavailable || error.code == ErrorCode::kOverBudget ||
                            error.code == ErrorCode::kCircuitOpen;
  return says_nothing ? Verdict::kUnknown : Verdict::kWorks;
}

Guard Guard::ForChanges() const {
  Guard guard = *this;
  guard.is_for_changes_ = of_changes_ != nullptr;
  return guard;
}

base::Result<Guard::Call> Guard::Enter() const {
  auto use = EnterOne(breaker_);
  if (!use) return base::Fail(std::move(use).error());
  auto change = EnterOne(is_for_changes_ ? of_changes_ : nullptr);
  if (!change) return base::Fail(std::move(change).error());
  return Call(*std::move(use), *std::move(change), is_for_changes_);
}

base::Status Guard::Check() const {
  if (!breaker_) return {};
  if (base::Status may = breaker_->Check(); !may || !is_for_changes_) return may;
  return of_changes_->Check();
}

void Guard::Call::Succeed() {
  use_.Succeed();
  change_.Succeed();
}

void Guard::Call::Settle(const base::Error& error) {
  switch (VerdictOf(error)) {
    case Verdict::kWorks:
      use_.Succeed();
      break;
    case Verdict::kFull:
      if (is_change_) {
        change_.Fail(error.fault);
      } else {
        use_.Fail(error.fault);
      }
      break;
    case Verdict::kFails:
      use_.Fail(error.fault);
      break;
    case Verdict::kUnknown:
      break;
  }
  // Of what is left the error says nothing.
  use_.Drop();
  change_.Drop();
}

}  // namespace portal::resilience
