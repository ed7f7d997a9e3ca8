#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>

namespace portal::net {

class TlsContext;

/// How long clients may take and how many they may be.
struct Limits {
  std::chrono::milliseconds handshake_timeout{10'000};  ///< to agree on encryption
  std::chrono::milliseconds head_timeout{10'000};       ///< for a whole head, from its first byte
  std::chrono::milliseconds idle_timeout{60'000};       ///< to the first byte of a next request
  std::chrono::milliseconds send_timeout{30'000};       ///< over which `min_send_rate` is measured
  std::chrono::milliseconds drain_timeout{30'000};      ///< for what is received when the server ends
  std::uint64_t min_send_rate = 240;     ///< bytes a second that a client must take of its answer; 0: any byte
  std::size_t max_connections = 16'384;  ///< 0: no cap
  std::size_t max_connections_per_address = 1024;  ///< 0: no cap; an IPv6 address counts by its /64
};

/// What a running server can take anew.
struct Settings {
  Limits limits;
  /// What secure listeners speak; connections keep the one that they began with. Null only where no listener is
  /// secure.
  std::shared_ptr<const TlsContext> tls;
};

}  // namespace portal::net
