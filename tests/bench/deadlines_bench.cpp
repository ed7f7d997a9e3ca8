// What a deadline costs beside how many others: the same with ten connections and with ten thousand.
#include <benchmark/benchmark.h>

#include <deque>

#include "net/deadlines.h"

namespace {

using portal::net::DeadlineKind;
using portal::net::Deadlines;

/// One request's worth: the idle deadline of one connection moves, and the earliest of all is asked for.
void MoveOneOf(benchmark::State& state) {
  Deadlines deadlines(Deadlines::Durations{});
  std::deque<Deadlines::Member> members;
  portal::base::MonotonicTime now{};
  for (std::uint32_t i = 0; i < state.range(0); ++i) {
    members.emplace_back(i);
    deadlines.Arm(members.back(), DeadlineKind::kIdle, now);
  }
  std::size_t next = 0;
  for (auto _ : state) {
    now += std::chrono::nanoseconds{1};
    deadlines.Arm(members[next], DeadlineKind::kIdle, now);
    benchmark::DoNotOptimize(deadlines.Next());
    next = next + 1 < members.size() ? next + 1 : 0;
  }
}
BENCHMARK(MoveOneOf)->Arg(10)->Arg(100)->Arg(1'000)->Arg(10'000);

}  // namespace
