#include "metrics/exemplar_slot.h"

#include <cstring>

namespace portal::metrics {

namespace {

// Whoever is interrupted this often is asked again at the next scrape.
constexpr int kLooks = 4;

constexpr std::size_t WordsOf(std::size_t characters) {
  return (characters + sizeof(std::uint64_t) - 1) / sizeof(std::uint64_t);
}

}  // namespace

// A sequence lock (Boehm, "Can seqlocks get along with programming language memory models?", 2012): what it guards is
// atomic as well, so that a look in the middle of a change is no data race, only a look to be thrown away.
void ExemplarSlot::Put(std::string_view trace_id, std::chrono::nanoseconds value, base::WallTime at) {
  if (trace_id.empty() || trace_id.size() > kMostTraceId) return;
  Words words{};
  std::memcpy(words.data(), trace_id.data(), trace_id.size());
  const std::uint32_t turn = turn_.load(std::memory_order_relaxed);
  turn_.store(turn + 1, std::memory_order_relaxed);
  std::atomic_thread_fence(std::memory_order_release);
  size_.store(static_cast<std::uint32_t>(trace_id.size()), std::memory_order_relaxed);
  value_.store(value.count(), std::memory_order_relaxed);
  at_.store(at.time_since_epoch().count(), std::memory_order_relaxed);
  for (std::size_t i = 0; i < WordsOf(trace_id.size()); ++i) trace_id_[i].store(words[i], std::memory_order_relaxed);
  turn_.store(turn + 2, std::memory_order_release);
}

std::optional<Exemplar> ExemplarSlot::Get() const {
  for (int look = 0; look < kLooks; ++look) {
    const std::uint32_t before = turn_.load(std::memory_order_acquire);
    if (before == 0) return std::nullopt;
    const std::size_t size = size_.load(std::memory_order_relaxed);
    const std::chrono::nanoseconds value(value_.load(std::memory_order_relaxed));
    const base::WallTime at{std::chrono::milliseconds(at_.load(std::memory_order_relaxed))};
    Words words{};
    for (std::size_t i = 0; i < WordsOf(size); ++i) words[i] = trace_id_[i].load(std::memory_order_relaxed);
    std::atomic_thread_fence(std::memory_order_acquire);
    if (before % 2 == 1 || turn_.load(std::memory_order_relaxed) != before) continue;
    return Exemplar{{reinterpret_cast<const char*>(words.data()), size}, value, at};
  }
  return std::nullopt;
}

}  // namespace portal::metrics
