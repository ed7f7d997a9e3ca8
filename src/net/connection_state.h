#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace portal::net {

/// Where a connection is; docs/architecture.md has the table of what leads from one to the next.
enum class ConnectionState : std::uint8_t {
  kHandshake,  ///< agreeing on encryption
  kIdle,       ///< nothing of a request has come
  kHead,       ///< part of a head has come
  kWaiting,    ///< the pool has its exchange
  kSending,    ///< the client must take more of the answer
  kLingering,  ///< everything is said; the client is yet to hang up
  kClosed,
};
inline constexpr std::size_t kOpenConnectionStates = 6;  ///< all but kClosed

/// As metrics name them.
inline constexpr std::array<std::string_view, kOpenConnectionStates> kConnectionStateNames = {
    "handshake", "idle", "head", "waiting", "sending", "lingering"};

}  // namespace portal::net
