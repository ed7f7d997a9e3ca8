#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <unordered_map>

#include "base/mutex.h"
#include "net/peer.h"
#include "net/settings.h"

namespace portal::net {

/// Who may come in, in all and from one address. Thread-safe: all event loops share it, for as long as a
/// connection takes to be accepted or closed.
class Admission {
 public:
  explicit Admission(const Limits& limits) { SetLimits(limits); }

  enum class Verdict : std::uint8_t { kAdmitted, kFull, kAddressFull };

  /// Counts the peer in if there is room. Whoever was admitted must `Leave`.
  Verdict TryEnter(const Peer& peer);
  void Leave(const Peer& peer);

  struct Crowd {
    std::size_t addresses = 0;    ///< that have a connection, by network as in Peer
    std::size_t most_of_one = 0;  ///< how many connections the one with most has
  };
  /// As of now. Looks at every address: for whoever watches, not for the way of a connection.
  Crowd Look() const;

  /// Connections over a lowered cap stay.
  void SetLimits(const Limits& limits);

 private:
  bool TryEnterNetwork(std::uint64_t network);
  void LeaveNetwork(std::uint64_t network);

  std::atomic<std::size_t> most_;
  std::atomic<std::size_t> most_per_network_;
  std::atomic<std::size_t> inside_{0};
  mutable base::Mutex mu_;
  std::unordered_map<std::uint64_t, std::size_t> inside_by_network_ GUARDED_BY(mu_);
};

}  // namespace portal::net
