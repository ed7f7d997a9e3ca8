#pragma once

#include <type_traits>
#include <utility>

#include "base/result.h"
#include "resilience/circuit_breaker.h"

namespace portal::resilience {

/// What an error says of the dependency that it came from.
enum class Verdict : std::uint8_t {
  kWorks,    ///< it answered: there is no such row, the value is not valid
  kFull,     ///< `Error::fault`, and it has no more space
  kFails,    ///< any other `Error::fault`
  kUnknown,  ///< it was busy, or was not given the time
};
Verdict VerdictOf(const base::Error& error);

/// What stands before a dependency: its breaker, or nothing (the command line). A second breaker may stand before its
/// changes, which hears of want of space in place of the first: what is full can be read as well as ever. Thread-safe,
/// as the breakers are.
class Guard {
 public:
  /// Lets everything pass.
  Guard() = default;
  /// Breakers are borrowed.
  explicit Guard(CircuitBreaker& breaker) : breaker_(&breaker) {}
  Guard(CircuitBreaker& breaker, CircuitBreaker& of_changes) : breaker_(&breaker), of_changes_(&of_changes) {}

  /// What stands before changes of the same dependency: both breakers must let them in.
  Guard ForChanges() const;

  /// One use that was let in. As CircuitBreaker::Call.
  class Call {
   public:
    void Succeed();
    /// What the error says of the dependency.
    void Settle(const base::Error& error);

   private:
    friend class Guard;
    Call(CircuitBreaker::Call use, CircuitBreaker::Call change, bool is_change)
        : use_(std::move(use)), change_(std::move(change)), is_change_(is_change) {}

    CircuitBreaker::Call use_;
    CircuitBreaker::Call change_;  // of no breaker where this is no change
    bool is_change_;
  };

  /// As CircuitBreaker.
  base::Result<Call> Enter() const;
  base::Status Check() const;

  /// `work`, which returns a base::Result, as one call: what it returns says how the dependency is.
  template <typename Work>
  std::invoke_result_t<Work> Run(Work&& work) const {
    auto call = Enter();
    if (!call) return base::Fail(std::move(call).error());
    auto result = work();
    Settle(*call, result);
    return result;
  }

  /// The same for `work` that touches too little of the dependency for its success to say anything.
  template <typename Work>
  std::invoke_result_t<Work> Watch(Work&& work) const {
    auto call = Enter();
    if (!call) return base::Fail(std::move(call).error());
    auto result = work();
    if (!result) call->Settle(result.error());
    return result;
  }

  template <typename Result>
  static void Settle(Call& call, const Result& result) {
    if (result) {
      call.Succeed();
    } else {
      call.Settle(result.error());
    }
  }

 private:
  CircuitBreaker* breaker_ = nullptr;
  CircuitBreaker* of_changes_ = nullptr;
  bool is_for_changes_ = false;
};

}  // namespace portal::resilience
