#pragma once

#include <type_traits>
#include <utility>

#include "base/result.h"
#include "resilience/circuit_breaker.h"

namespace portal::resilience {

/// What an error says of the dependency that it came from.
enum class Verdict : std::uint8_t {
  kWorks,    ///< it answered: there is no such row, the value is not valid
  kFails,    ///< `Error::fault`
  kUnknown,  ///< it was busy, or was not given the time
};
Verdict VerdictOf(const base::Error& error);

/// What stands before a dependency: its breaker, or nothing (the command line). Thread-safe, as the breaker is.
class Guard {
 public:
  /// Lets everything pass.
  Guard() = default;
  /// `breaker` is borrowed.
  explicit Guard(CircuitBreaker& breaker) : breaker_(&breaker) {}

  /// As CircuitBreaker.
  base::Result<CircuitBreaker::Call> Enter() const;
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
    if (!result) Settle(*call, result.error());
    return result;
  }

  template <typename Result>
  static void Settle(CircuitBreaker::Call& call, const Result& result) {
    if (result) {
      call.Succeed();
    } else {
      Settle(call, result.error());
    }
  }
  static void Settle(CircuitBreaker::Call& call, const base::Error& error);

 private:
  CircuitBreaker* breaker_ = nullptr;
};

}  // namespace portal::resilience
