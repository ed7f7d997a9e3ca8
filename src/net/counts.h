#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/error.h"
#include "base/single_writer_counter.h"
#include "net/connection_state.h"
#include "net/deadlines.h"

namespace portal::net {

/// Why a connection was hung up on though its client had done nothing wrong.
enum class HangUp : std::uint8_t {
  kNoDescriptor,   ///< the process or the machine has no file descriptor left
  kConnectionCap,  ///< `Limits::max_connections`, and none was idle
  kAddressCap,     ///< `Limits::max_connections_per_address`
  kMadeRoom,       ///< idle for longest while a new client found no room
};
inline constexpr std::size_t kHangUps = 4;
inline constexpr std::array<std::string_view, kHangUps> kHangUpNames = {"no_descriptor", "connection_cap",
                                                                        "address_cap", "made_room"};

/// What the data plane has seen so far, and what it has now. A plain copy, not quite of one instant.
struct Counts {
  std::array<std::uint64_t, kOpenConnectionStates> connections{};  ///< open now, by state
  std::uint64_t addresses = 0;            ///< that have a connection; an IPv6 address counts by its /64
  std::uint64_t most_of_one_address = 0;  ///< connections
  std::uint64_t accepted = 0;
  std::uint64_t accept_errors = 0;  ///< accept4 failed, but not for want of a client
  std::array<std::uint64_t, kHangUps> hung_up{};
  std::array<std::uint64_t, kDeadlineKinds> late{};  ///< deadlines that passed
  std::uint64_t full_handshakes = 0;
  std::uint64_t resumed_handshakes = 0;
  std::uint64_t failed_handshakes = 0;
  std::array<std::uint64_t, base::kErrorCodes> refused_heads{};  ///< by what was wrong with them

  std::uint64_t open() const {
    std::uint64_t sum = 0;
    for (const std::uint64_t count : connections) sum += count;
    return sum;
  }
};

using Counter = base::SingleWriterCounter<std::uint64_t>;

/// One event loop's part of `Counts`. Changed by that loop's thread, read by any.
struct LoopCounters {
  std::array<Counter, kOpenConnectionStates> connections;
  Counter accepted;
  Counter accept_errors;
  std::array<Counter, kHangUps> hung_up;
  std::array<Counter, kDeadlineKinds> late;
  Counter full_handshakes;
  Counter resumed_handshakes;
  Counter failed_handshakes;
  std::array<Counter, base::kErrorCodes> refused_heads;

  void AddTo(Counts& counts) const;
};

}  // namespace portal::net
