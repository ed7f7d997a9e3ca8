// What a decision of the limiter costs: a few keys and a million, one thread and two, room in the table and none.
#include <benchmark/benchmark.h>

#include <cstdint>
#include <memory>

#include "base/clock.h"
#include "resilience/window_table.h"

namespace portal::resilience {
namespace {

const base::SystemClock kClock;
std::unique_ptr<WindowTable> table;

/// Keys in an order that no cache can foresee (a full-period generator modulo a power of two).
class Keys {
 public:
  explicit Keys(std::uint64_t count, std::uint64_t start) : mask_(count - 1), at_(start) {}
  WindowKey Next() {
    at_ = at_ * 6364136223846793005u + 1442695040888963407u;
    return {{(at_ >> 16) & mask_, 0}, 1};
  }

 private:
  std::uint64_t mask_;
  std::uint64_t at_;
};

void Take(benchmark::State& state) {
  const auto keys = static_cast<std::uint64_t>(state.range(0));
  const auto limit = static_cast<std::uint32_t>(state.range(1));
  if (state.thread_index() == 0) {
    table = std::make_unique<WindowTable>(kClock, std::chrono::seconds{60}, 4u << 20);
    for (std::uint64_t id = 0; id < keys; ++id) table->Take({{id, 0}, 1}, limit);
  }
  Keys order(keys, static_cast<std::uint64_t>(state.thread_index()) * 77);
  for (auto _ : state) benchmark::DoNotOptimize(table->Take(order.Next(), limit));
  if (state.thread_index() == 0) {
    const WindowTable::Size size = table->size();
    state.counters["bytes_per_key"] = static_cast<double>(size.bytes) / static_cast<double>(size.keys);
    table.reset();
  }
}
BENCHMARK(Take)
    ->ArgNames({"keys", "limit"})
    ->Args({1024, 60})
    ->Args({1 << 20, 60})
    ->Args({1024, 100'000})
    ->ThreadRange(1, 2)
    ->UseRealTime();

/// Keys that nobody has seen, while all that may have a window of their own do.
void TakeWhereThereIsNoRoom(benchmark::State& state) {
  const auto keys = static_cast<std::uint64_t>(state.range(0));
  if (state.thread_index() == 0) {
    table = std::make_unique<WindowTable>(kClock, std::chrono::seconds{60}, keys);
    for (std::uint64_t id = 0; id < 2 * keys; ++id) table->Take({{id, 0}, 1}, 60);
  }
  std::uint64_t id = static_cast<std::uint64_t>(state.thread_index() + 1) << 40;
  for (auto _ : state) benchmark::DoNotOptimize(table->Take({{++id, 0}, 1}, 60));
  if (state.thread_index() == 0) table.reset();
}
BENCHMARK(TakeWhereThereIsNoRoom)->ArgName("keys")->Arg(100'000)->Arg(1 << 20)->ThreadRange(1, 2)->UseRealTime();

}  // namespace
}  // namespace portal::resilience
