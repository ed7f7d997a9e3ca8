#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"

namespace portal::resilience {

enum class BreakerState : std::uint8_t {
  kClosed,    ///< calls pass, and are watched
  kOpen,      ///< calls are refused
  kHalfOpen,  ///< a few calls pass, to see whether they work again
};

inline constexpr std::size_t kBreakerStates = 3;

/// `CLOSED`, `OPEN`, `HALF_OPEN`.
std::string_view ToText(BreakerState state);

/// What an operator has said, in place of what the calls say.
enum class Forced : std::uint8_t { kNo, kOpen, kClosed };

struct BreakerSettings {
  std::size_t window = 20;     ///< of so many calls, the last ones, the failures are counted; at least 1
  std::size_t min_calls = 10;  ///< with fewer it stays closed; 1 to `window`
  int failure_percent = 50;    ///< of the window's calls that have failed, from which on it opens; 1 to 100
  std::chrono::milliseconds open_for{30'000};
  std::size_t probes = 3;                  ///< calls at once while half-open, and successes that close it; at least 1
  std::chrono::milliseconds slow_call{0};  ///< a call that takes so long has failed; 0: however long it takes
};

struct BreakerTransition {
  base::WallTime at;
  BreakerState from;
  BreakerState to;
  std::string reason;
};

/// A breaker as it is at one moment. Where the wall has jumped, `since`, `opened_at` and `retry_at` are told by how it
/// goes now; what is past and done with, by how it went then.
struct BreakerView {
  BreakerState state;
  base::WallTime since;                     ///< in this state
  double failure_rate;                      ///< of 1: of the last calls; while not closed, of those before it opened
  std::optional<base::WallTime> opened_at;  ///< unless closed
  /// Unless closed: when the first probe may pass, or could. While an operator holds it open, when to ask again.
  std::optional<base::WallTime> retry_at;
  std::string last_failure;  ///< what the last call that failed said; empty: none has
  std::optional<base::WallTime> last_failure_at;
  Forced forced;
  std::vector<BreakerTransition> transitions;  ///< the last 20, the oldest first
};

}  // namespace portal::resilience
