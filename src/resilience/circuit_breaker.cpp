#include "resilience/circuit_breaker.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/duration.h"

namespace portal::resilience {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::size_t kTransitionsKept = 20;
// Two clocks are read one after the other. What they differ by less is no jump, and no reason to tell another time.
constexpr milliseconds kNoJump{100};

}  // namespace

std::string_view ToText(BreakerState state) {
  switch (state) {
    case BreakerState::kClosed:
      return "CLOSED";
    case BreakerState::kOpen:
      return "OPEN";
    case BreakerState::kHalfOpen:
      return "HALF_OPEN";
  }
  return "";
}

CircuitBreaker::CircuitBreaker(std::string name, const BreakerSettings& settings, const base::Clock& clock,
                               Listener listener)
    : name_(std::move(name)),
      settings_(settings),
      clock_(clock),
      listener_(std::move(listener)),
      window_(settings.window),
      since_(Now()) {}

base::Result<CircuitBreaker::Call> CircuitBreaker::Enter() {
  if (const std::uint64_t era = calm_era_.load(std::memory_order_acquire)) return Call(*this, era, false, {});
  const base::MutexLock lock(mu_);
  if (base::Status may = MayEnter(); !may) return base::Fail(std::move(may).error());
  const bool is_probe = state_ == BreakerState::kHalfOpen;
  if (is_probe) ++probes_inside_;
  return Call(*this, era_, is_probe, settings_.slow_call.count() > 0 ? clock_.Unmoved() : base::MonotonicTime{});
}

base::Status CircuitBreaker::Check() {
  if (calm_era_.load(std::memory_order_acquire) != 0) return {};
  const base::MutexLock lock(mu_);
  return MayEnter();
}

base::Status CircuitBreaker::MayEnter() {
  if (state_ == BreakerState::kClosed) return {};
  LookAtTheClock();
  if (state_ == BreakerState::kHalfOpen && probes_inside_ < settings_.probes) return {};
  return base::Fail(Refusal(clock_.Monotonic()));
}

base::Error CircuitBreaker::Refusal(base::MonotonicTime now) const {
  seconds wait{1};
  if (forced_ == Forced::kOpen) {
    wait = std::chrono::ceil<seconds>(settings_.open_for);
  } else if (state_ == BreakerState::kOpen) {
    wait = std::max(wait, std::chrono::ceil<seconds>(opened_.monotonic + settings_.open_for - now));
  }
  base::Error error{base::ErrorCode::kCircuitOpen, {}, {}, {}};
  std::string what = name_;
  std::ranges::replace(what, '_', ' ');
  error.detail = "The circuit to the portal's " + what + " is open. Please retry after " +
                 std::to_string(wait.count()) + (wait.count() == 1 ? " second" : " seconds");
  error.retry_after = wait;
  return error;
}

void CircuitBreaker::Reset() {
  const base::MutexLock lock(mu_);
  state_ = BreakerState::kClosed;
  forced_ = Forced::kNo;
  ++era_;  // calls that are inside count no more
  window_.Clear();
  probes_that_worked_ = 0;
  since_ = Now();
  last_failure_.clear();
  last_failure_at_.reset();
  transitions_.clear();
  NoteWhetherCalm();
}

void CircuitBreaker::NoteSuccess(const Call& call) {
  if (!call.is_probe_ && calm_era_.load(std::memory_order_acquire) == call.era_) return;
  const base::MutexLock lock(mu_);
  Leave(call);
  if (settings_.slow_call.count() > 0) {
    const auto took = std::chrono::floor<milliseconds>(clock_.Unmoved() - call.began_);
    if (took >= settings_.slow_call) return CountFailure(call, "a call took " + std::to_string(took.count()) + " ms");
  }
  CountSuccess(call);
}

void CircuitBreaker::NoteFailure(const Call& call, std::string_view why) {
  const base::MutexLock lock(mu_);
  Leave(call);
  CountFailure(call, why);
}

void CircuitBreaker::NoteNothing(const Call& call) {
  if (!call.is_probe_) return;
  const base::MutexLock lock(mu_);
  Leave(call);
}

void CircuitBreaker::Leave(const Call& call) {
  if (call.is_probe_) --probes_inside_;
}

void CircuitBreaker::CountSuccess(const Call& call) {
  if (call.era_ != era_) return;
  if (state_ == BreakerState::kClosed) {
    window_.Add(false);
    OpenIfTooManyFail(last_failure_);
  } else if (++probes_that_worked_ >= settings_.probes) {
    Close(std::to_string(probes_that_worked_) + " probes succeeded");
  }
  NoteWhetherCalm();
}

void CircuitBreaker::CountFailure(const Call& call, std::string_view why) {
  last_failure_ = why;
  last_failure_at_ = clock_.Wall();
  if (call.era_ != era_) return;
  if (state_ == BreakerState::kClosed) {
    window_.Add(true);
    OpenIfTooManyFail(why);
  } else {
    Open("a probe failed: " + std::string(why));
  }
  NoteWhetherCalm();
}

void CircuitBreaker::OpenIfTooManyFail(std::string_view why) {
  if (forced_ == Forced::kClosed || window_.calls() < settings_.min_calls || window_.failures() == 0) return;
  if (window_.failures() * 100 < window_.calls() * static_cast<std::size_t>(settings_.failure_percent)) return;
  Open(std::to_string(window_.failures()) + " of the last " + std::to_string(window_.calls()) +
       " calls failed: " + std::string(why));
}

void CircuitBreaker::LookAtTheClock() {
  if (state_ != BreakerState::kOpen || forced_ == Forced::kOpen) return;
  const base::MonotonicTime retry = opened_.monotonic + settings_.open_for;
  const Moment now = Now();
  if (now.monotonic < retry) return;
  MoveTo(BreakerState::kHalfOpen, {retry, now.wall - std::chrono::floor<milliseconds>(now.monotonic - retry)},
         "open for " + base::FormatDuration(settings_.open_for));
}

void CircuitBreaker::Open(std::string_view why) {
  opened_ = Now();
  MoveTo(BreakerState::kOpen, opened_, std::string(why));
}

void CircuitBreaker::Close(std::string_view why) {
  window_.Clear();
  MoveTo(BreakerState::kClosed, Now(), std::string(why));
}

void CircuitBreaker::MoveTo(BreakerState to, const Moment& at, std::string reason) {
  BreakerTransition transition{at.wall, state_, to, std::move(reason)};
  state_ = to;
  since_ = at;
  ++era_;
  probes_that_worked_ = 0;
  NoteWhetherCalm();
  if (listener_) listener_(transition);
  if (transitions_.size() == kTransitionsKept) transitions_.erase(transitions_.begin());
  transitions_.push_back(std::move(transition));
}

void CircuitBreaker::NoteWhetherCalm() {
  const bool is_calm =
      state_ == BreakerState::kClosed && window_.IsFullOfSuccesses() && settings_.slow_call.count() == 0;
  calm_era_.store(is_calm ? era_ : 0, std::memory_order_release);
}

BreakerState CircuitBreaker::State() {
  if (calm_era_.load(std::memory_order_acquire) != 0) return BreakerState::kClosed;
  const base::MutexLock lock(mu_);
  LookAtTheClock();
  return state_;
}

BreakerView CircuitBreaker::View() {
  const base::MutexLock lock(mu_);
  LookAtTheClock();
  BreakerView view{state_,           Shown(since_), window_.FailureRate(), std::nullopt, std::nullopt, last_failure_,
                   last_failure_at_, forced_,       transitions_};
  if (state_ != BreakerState::kClosed) {
    view.opened_at = Shown(opened_);
    view.retry_at = (forced_ == Forced::kOpen ? clock_.Wall() : *view.opened_at) + settings_.open_for;
  }
  return view;
}

/// Where `moment` lies on the wall of today.
base::WallTime CircuitBreaker::Shown(const Moment& moment) const {
  const Moment now = Now();
  const base::WallTime at = now.wall - std::chrono::floor<milliseconds>(now.monotonic - moment.monotonic);
  return std::chrono::abs(at - moment.wall) < kNoJump ? moment.wall : at;
}

void CircuitBreaker::Force(Forced forced) {
  const base::MutexLock lock(mu_);
  LookAtTheClock();
  const Forced before = std::exchange(forced_, forced);
  if (before == forced) return;
  switch (forced) {
    case Forced::kOpen:
      if (state_ != BreakerState::kOpen) Open("forced open by an operator");
      return;
    case Forced::kClosed:
      if (state_ != BreakerState::kClosed) Close("forced closed by an operator");
      return;
    case Forced::kNo:
      if (before == Forced::kOpen) {
        MoveTo(BreakerState::kHalfOpen, Now(), "no longer forced open");
      } else {
        window_.Clear();
        NoteWhetherCalm();
      }
      return;
  }
}

}  // namespace portal::resilience
