#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <unordered_map>

#include "base/ip_address.h"
#include "base/mutex.h"
#include "net/settings.h"

namespace portal::net {

/// Who may come in, in all and from one address; who comes by a Unix socket counts in all alone. Thread-safe: all event
/// loops share it, for as long as a connection takes to be accepted or closed.
class Admission {
 public:
  explicit Admission(const Limits& limits) { SetLimits(limits); }

  enum class Verdict : std::uint8_t { kAdmitted, kFull, kAddressFull };

  /// Counts the peer in if there is room. Whoever was admitted must `Leave`.
  Verdict TryEnter(const base::IpAddress& peer);
  void Leave(const base::IpAddress& peer);

  struct Crowd {
    std::size_t addresses = 0;    ///< that have a connection, counted by LimitKey
    std::size_t most_of_one = 0;  ///< how many connections the one with most has
  };
  /// As of now. Looks at every address: for whoever watches, not for the way of a connection.
  Crowd Look() const;

  /// Connections over a lowered cap stay.
  void SetLimits(const Limits& limits);

 private:
  using Key = decltype(base::IpAddress().LimitKey());
  struct KeyHash {
    std::size_t operator()(const Key& key) const { return key[0] ^ key[1]; }
  };

  bool TryEnterNetwork(const base::IpAddress& peer);
  void LeaveNetwork(const base::IpAddress& peer);

  std::atomic<std::size_t> most_;
  std::atomic<std::size_t> most_per_network_;
  std::atomic<std::size_t> inside_{0};
  mutable base::Mutex mu_;
  std::unordered_map<Key, std::size_t, KeyHash> inside_by_network_ GUARDED_BY(mu_);
};

}  // namespace portal::net
