#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace portal::metrics {

/// One observation among many, by which a reader of a histogram finds the request behind it.
struct Exemplar {
  std::string trace_id;
  std::chrono::nanoseconds value;
  base::WallTime at;
};

/// Holds the last exemplar. One thread puts, any thread gets; neither waits for the other.
class ExemplarSlot {
 public:
  static constexpr std::size_t kMostTraceId = 64;  ///< characters

  /// A longer trace id is left out, and so is an empty one. REQUIRES: no other thread puts.
  void Put(std::string_view trace_id, std::chrono::nanoseconds value, base::WallTime at);

  /// Nullopt: there is none yet, or it changed whenever it was looked at.
  std::optional<Exemplar> Get() const;

 private:
  using Words = std::array<std::uint64_t, kMostTraceId / sizeof(std::uint64_t)>;

  std::atomic<std::uint32_t> turn_{0};  // odd while somebody puts
  std::atomic<std::uint32_t> size_{0};  // of the trace id
  std::atomic<std::int64_t> value_{0};
  std::atomic<std::int64_t> at_{0};
  std::array<std::atomic<std::uint64_t>, std::tuple_size_v<Words>> trace_id_{};
};

}  // namespace portal::metrics
