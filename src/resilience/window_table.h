#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/clock.h"
#include "base/function_ref.h"
#include "base/mutex.h"
#include "resilience/sliding_window.h"

namespace portal::resilience {

/// Whose requests are counted together, and under which policy.
struct WindowKey {
  std::array<std::uint64_t, 2> id{};
  std::uint8_t policy = 0;
  friend bool operator==(const WindowKey&, const WindowKey&) = default;
};

/// What a window said of one request.
struct Decision {
  bool allowed = true;
  std::uint32_t limit = 0;
  std::uint32_t remaining = 0;  ///< how many more get through at once
  base::MonotonicTime decided_at{};
  base::MonotonicTime resets_at{};  ///< allowed: the oldest counted request leaves; else: one gets through
};

/// How a window stands.
struct WindowState {
  WindowKey key;
  std::uint32_t used = 0;
  std::uint32_t refused = 0;  ///< since it was last empty of both
  base::MonotonicTime resets_at{};
};

/// Sliding windows by key, exact: of the requests let through under a key no interval of the window's length, wherever
/// it begins, holds more than the limit. A window with requests in it is never given up for another. Where there are
/// `max_keys` of them, keys without one share a single window for each policy; a key that finds room again begins with
/// all that was counted there, since some of it may be its own. Memory follows the number of live keys, up and down: 64
/// bytes each in a table of up to twice as many, and four bytes for each request beyond four. Thread-safe: shards by
/// key, each with its own lock, under which the clock is read, so that the times of one key's requests are in order.
class WindowTable {
 public:
  static constexpr std::size_t kMaxPolicies = 8;

  /// REQUIRES: `length` is 1 µs to SlidingWindow::kMaxLength of them; max_keys >= 1.
  WindowTable(const base::Clock& clock, std::chrono::microseconds length, std::size_t max_keys);
  ~WindowTable();

  /// Counts one request where fewer than `limit` are in the window, and where `also` then agrees as well: it is asked
  /// last, with the time of the decision, and must not come back to this table. Refused requests do not count.
  /// REQUIRES: limit >= 1.
  Decision Take(const WindowKey& key, std::uint32_t limit, base::FunctionRef<bool(base::MonotonicTime)> also);
  Decision Take(const WindowKey& key, std::uint32_t limit);

  /// Forgets a key, a policy of all keys, or all.
  void Reset(const WindowKey& key);
  void ResetPolicy(std::uint8_t policy);
  void ResetAll();

  /// Every window that has a request in it or has refused one lately, in no order; a shard at a time.
  void ForEach(base::FunctionRef<void(const WindowState&)> visit) const;
  /// Windows that exist, and bytes that they and the tables take.
  struct Size {
    std::size_t keys = 0;
    std::size_t bytes = 0;
    std::uint64_t shared = 0;  ///< requests that were counted in a shared window for want of room
  };
  Size size() const;

 private:
  struct Slot;
  struct Shard;

  std::uint64_t Hash(const WindowKey& key) const;
  Shard& ShardOf(std::uint64_t hash) const;
  std::int64_t Now() const;
  Decision Decide(SlidingWindow& window, std::int64_t now, std::uint32_t limit) const;
  Decision Count(SlidingWindow& window, std::uint32_t& refused, std::int64_t now, std::uint32_t limit,
                 base::FunctionRef<bool(base::MonotonicTime)> also) const;

  const base::Clock& clock_;
  const std::int64_t length_;  // µs
  std::array<std::uint64_t, 2> seed_;
  mutable std::vector<Shard> shards_;
  std::atomic<std::int64_t> shared_until_ = 0;  // µs: when the last request that was counted there leaves
  mutable base::Mutex shared_mu_;               // taken after a shard's
  std::array<SlidingWindow, kMaxPolicies> shared_ GUARDED_BY(shared_mu_);
  std::uint64_t in_shared_ GUARDED_BY(shared_mu_) = 0;
};

}  // namespace portal::resilience
