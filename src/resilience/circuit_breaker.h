#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/mutex.h"
#include "base/result.h"
#include "resilience/breaker_state.h"
#include "resilience/call_window.h"

namespace portal::resilience {

/// Keeps calls away from a dependency that fails, so that callers hear of it at once and it can recover in peace
/// (M. Nygard, "Release It!"). Closed, it lets all calls pass and watches the last ones; when too many of them fail it
/// opens and refuses; after a while it is half-open and lets a few probes pass: as many successes as there may be
/// probes close it, one failure opens it again. A call counts for the state in which it began. Monotonic time alone
/// decides; how long a call took, `base::Clock::Unmoved`. Thread-safe.
class CircuitBreaker {
 public:
  /// Hears of each transition once, in their order. Must not call the breaker.
  using Listener = std::function<void(const BreakerTransition&)>;

  /// One use of the dependency, from when it was let in until it says how it went. One that is dropped without a word
  /// says nothing of the dependency. Movable; not thread-safe.
  class Call {
   public:
    Call() = default;  ///< of no breaker
    Call(Call&& other) noexcept
        : breaker_(std::exchange(other.breaker_, nullptr)),
          era_(other.era_),
          is_probe_(other.is_probe_),
          began_(other.began_) {}
    Call& operator=(Call&&) = delete;
    ~Call() { Drop(); }

    /// The first of these counts.
    void Succeed() {
      if (CircuitBreaker* breaker = std::exchange(breaker_, nullptr)) breaker->NoteSuccess(*this);
    }
    /// `why` has no secret and no path in it.
    void Fail(std::string_view why) {
      if (CircuitBreaker* breaker = std::exchange(breaker_, nullptr)) breaker->NoteFailure(*this, why);
    }
    void Drop() {
      if (CircuitBreaker* breaker = std::exchange(breaker_, nullptr)) breaker->NoteNothing(*this);
    }

   private:
    friend class CircuitBreaker;
    Call(CircuitBreaker& breaker, std::uint64_t era, bool is_probe, base::MonotonicTime began)
        : breaker_(&breaker), era_(era), is_probe_(is_probe), began_(began) {}

    CircuitBreaker* breaker_ = nullptr;
    std::uint64_t era_ = 0;
    bool is_probe_ = false;
    base::MonotonicTime began_;  // only where slow calls fail
  };

  /// `name` is for errors, where each `_` is a space: "database", "database_writes".
  CircuitBreaker(std::string name, const BreakerSettings& settings, const base::Clock& clock, Listener listener = {});
  CircuitBreaker(const CircuitBreaker&) = delete;
  CircuitBreaker& operator=(const CircuitBreaker&) = delete;

  const std::string& name() const { return name_; }

  /// Before the dependency is used: kCircuitOpen with `retry_after` where it is to be left alone.
  base::Result<Call> Enter();
  /// Whether Enter would refuse, without entering: for those who have to wait for something else first.
  base::Status Check();

  BreakerState State();
  BreakerView View();

  /// An operator's word, which holds until kNo: then one that was forced open is half-open, and one that was forced
  /// closed begins anew. The same word again changes nothing.
  void Force(Forced forced);

  /// As when it was made: closed, with nothing counted, ordered or to be told. For test mode; no listener hears of it.
  void Reset();

 private:
  /// An instant by both clocks: what the wall showed then is another time once it has jumped.
  struct Moment {
    base::MonotonicTime monotonic;
    base::WallTime wall;
  };

  void NoteSuccess(const Call& call);
  void NoteFailure(const Call& call, std::string_view why);
  void NoteNothing(const Call& call);
  void Leave(const Call& call) REQUIRES(mu_);
  void CountSuccess(const Call& call) REQUIRES(mu_);
  void CountFailure(const Call& call, std::string_view why) REQUIRES(mu_);
  void OpenIfTooManyFail(std::string_view why) REQUIRES(mu_);
  void LookAtTheClock() REQUIRES(mu_);
  base::Status MayEnter() REQUIRES(mu_);
  base::Error Refusal(base::MonotonicTime now) const REQUIRES(mu_);
  void Open(std::string_view why) REQUIRES(mu_);
  void Close(std::string_view why) REQUIRES(mu_);
  void MoveTo(BreakerState to, const Moment& at, std::string reason) REQUIRES(mu_);
  Moment Now() const { return {clock_.Monotonic(), clock_.Wall()}; }
  base::WallTime Shown(const Moment& moment) const;
  void NoteWhetherCalm() REQUIRES(mu_);

  const std::string name_;
  const BreakerSettings settings_;
  const base::Clock& clock_;
  const Listener listener_;

  // The era, while it is closed and one more success would change nothing; else 0. Whoever sees it needs no lock.
  std::atomic<std::uint64_t> calm_era_{0};

  base::Mutex mu_;
  BreakerState state_ GUARDED_BY(mu_) = BreakerState::kClosed;
  Forced forced_ GUARDED_BY(mu_) = Forced::kNo;
  std::uint64_t era_ GUARDED_BY(mu_) = 1;  // moves with every transition
  CallWindow window_ GUARDED_BY(mu_);
  std::size_t probes_inside_ GUARDED_BY(mu_) = 0;  // of all eras: one that hangs is still there
  std::size_t probes_that_worked_ GUARDED_BY(mu_) = 0;
  Moment since_ GUARDED_BY(mu_);
  Moment opened_ GUARDED_BY(mu_);
  std::string last_failure_ GUARDED_BY(mu_);
  std::optional<base::WallTime> last_failure_at_ GUARDED_BY(mu_);
  std::vector<BreakerTransition> transitions_ GUARDED_BY(mu_);
};

}  // namespace portal::resilience
