// What a circuit breaker costs a call of a dependency, on one thread and on two.
#include <benchmark/benchmark.h>

#include <chrono>

#include "base/clock.h"
#include "resilience/circuit_breaker.h"

namespace {

using portal::resilience::CircuitBreaker;

/// The dependency works, as nearly always.
void LetACallPass(benchmark::State& state) {
  static const portal::base::SystemClock clock;
  static CircuitBreaker breaker("database", {}, clock);
  for (auto _ : state) {
    auto call = breaker.Enter();
    benchmark::DoNotOptimize(call);
    call->Succeed();
  }
}
BENCHMARK(LetACallPass)->Threads(1)->Threads(2)->UseRealTime();

/// Each call is timed and counted, as after a failure or where slow calls fail.
void LetACallPassAndCountIt(benchmark::State& state) {
  static const portal::base::SystemClock clock;
  static CircuitBreaker breaker("database", {.slow_call = std::chrono::hours{1}}, clock);
  for (auto _ : state) {
    auto call = breaker.Enter();
    benchmark::DoNotOptimize(call);
    call->Succeed();
  }
}
BENCHMARK(LetACallPassAndCountIt)->Threads(1)->Threads(2)->UseRealTime();

void Refuse(benchmark::State& state) {
  static const portal::base::SystemClock clock;
  static CircuitBreaker breaker("database", {}, clock);
  breaker.Force(portal::resilience::Forced::kOpen);
  for (auto _ : state) benchmark::DoNotOptimize(breaker.Enter());
}
BENCHMARK(Refuse)->Threads(1)->Threads(2)->UseRealTime();

}  // namespace
