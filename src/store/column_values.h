#pragma once

#include <cstdint>
#include <optional>

#include "base/clock.h"

namespace portal::store {

// Times are kept as milliseconds since the epoch.

inline base::WallTime ToTime(std::int64_t ms) { return base::WallTime{std::chrono::milliseconds{ms}}; }
inline std::optional<base::WallTime> ToTime(std::optional<std::int64_t> ms) {
  if (!ms) return std::nullopt;
  return ToTime(*ms);
}

inline std::int64_t ToMs(base::WallTime time) { return time.time_since_epoch().count(); }
inline std::optional<std::int64_t> ToMs(std::optional<base::WallTime> time) {
  if (!time) return std::nullopt;
  return ToMs(*time);
}

}  // namespace portal::store
