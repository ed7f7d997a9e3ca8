#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "base/error.h"

namespace portal::http {

/// What test mode does to one request.
struct InjectedFault {
  std::chrono::milliseconds latency{0};  ///< before anything else happens
  bool drop = false;                     ///< the connection is reset, and there is no answer
  std::optional<base::ErrorCode> error;  ///< in place of the handler's answer
  std::uint64_t order = 0;               ///< the injector's own: which of its orders this follows

  bool any() const { return latency.count() > 0 || drop || error; }
};

}  // namespace portal::http
