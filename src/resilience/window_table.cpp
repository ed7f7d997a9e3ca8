#include "resilience/window_table.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <random>
#include <utility>

namespace portal::resilience {
namespace {

constexpr std::size_t kMaxShards = 256;
constexpr std::size_t kKeysWorthAShard = 64;
constexpr std::size_t kSmallestTable = 4;
/// How long a shard that is full of live windows waits until it looks for dead ones again, in µs: a look goes through
/// all its slots, some 50 ns each, and may take half a percent of the time.
constexpr std::int64_t kBetweenSweeps = 100'000;
constexpr std::int64_t kBetweenSweepsPerSlot = 10;

/// Both halves of a product, folded: every bit of the input moves all bits of the result.
std::uint64_t Fold(std::uint64_t a, std::uint64_t b) {
  const auto product = static_cast<unsigned __int128>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

base::MonotonicTime ToTime(std::int64_t us) { return base::MonotonicTime(std::chrono::microseconds(us)); }

}  // namespace

/// As large as a cache line.
struct alignas(64) WindowTable::Slot {
  std::array<std::uint64_t, 2> id{};
  SlidingWindow window;
  std::uint32_t refused = 0;
  std::uint8_t policy = 0;
  bool taken = false;

  WindowKey key() const { return {id, policy}; }
  bool IsFor(const WindowKey& key) const { return id == key.id && policy == key.policy; }
};

/// Open addressing with linear probing. Windows leave only when the table is rebuilt, so nothing marks a gap.
struct alignas(64) WindowTable::Shard {
  base::SpinningMutex mu;
  std::vector<Slot> slots GUARDED_BY(mu);  // none, or a power of two of them, a quarter of them free
  std::size_t max_keys GUARDED_BY(mu) = 0;
  std::size_t taken GUARDED_BY(mu) = 0;
  std::int64_t next_sweep GUARDED_BY(mu) = 0;

  /// Where the key is, or where it would be. REQUIRES: there are slots.
  Slot& Probe(const WindowKey& key, std::uint64_t hash) REQUIRES(mu) {
    const std::size_t mask = slots.size() - 1;
    std::size_t at = hash & mask;
    while (slots[at].taken && !slots[at].IsFor(key)) at = (at + 1) & mask;
    return slots[at];
  }
  Slot* Find(const WindowKey& key, std::uint64_t hash) REQUIRES(mu) {
    if (slots.empty()) return nullptr;
    Slot& slot = Probe(key, hash);
    return slot.taken ? &slot : nullptr;
  }
  /// Null where all windows that may be there are, and live.
  Slot* Insert(const WindowTable& table, const WindowKey& key, std::uint64_t hash, std::int64_t now) REQUIRES(mu);
  /// Drops dead windows and finds the table that suits those that live.
  void Rebuild(const WindowTable& table, std::int64_t now) REQUIRES(mu);
};

WindowTable::WindowTable(const base::Clock& clock, std::chrono::microseconds length, std::size_t max_keys)
    : clock_(clock),
      length_(length.count()),
      shards_(std::bit_floor(std::clamp<std::size_t>(max_keys / kKeysWorthAShard, 1, kMaxShards))) {
  assert(length_ > 0 && length_ <= SlidingWindow::kMaxLength && max_keys > 0);
  std::random_device random;
  for (std::uint64_t& seed : seed_) seed = (std::uint64_t{random()} << 32 | random()) | 1;
  for (Shard& shard : shards_) {
    const base::MutexLock lock(shard.mu);
    shard.max_keys = (max_keys + shards_.size() - 1) / shards_.size();
  }
}

WindowTable::~WindowTable() = default;

std::uint64_t WindowTable::Hash(const WindowKey& key) const {
  return Fold(Fold(key.id[0] ^ seed_[0], key.id[1] ^ seed_[1]) ^ key.policy, seed_[0]);
}

// The upper bits choose the shard, the lower ones the slot.
WindowTable::Shard& WindowTable::ShardOf(std::uint64_t hash) const { return shards_[(hash >> 48) % shards_.size()]; }

std::int64_t WindowTable::Now() const {
  return std::chrono::duration_cast<std::chrono::microseconds>(clock_.Monotonic().time_since_epoch()).count();
}

void WindowTable::Shard::Rebuild(const WindowTable& table, std::int64_t now) {
  std::vector<Slot> old = std::move(slots);
  std::size_t live = 0;
  std::int64_t first_death = now + table.length_;
  for (Slot& slot : old) {
    if (!slot.taken) continue;
    slot.window.Expire(now, table.length_);
    slot.taken = slot.window.count() > 0;
    if (!slot.taken) continue;
    ++live;
    first_death = std::min(first_death, slot.window.last() + table.length_);
  }
  slots = std::vector<Slot>(std::max(kSmallestTable, std::bit_ceil(2 * (live + 1))));
  taken = live;
  next_sweep = std::max(first_death, now + std::max(kBetweenSweeps, kBetweenSweepsPerSlot * std::ssize(slots)));
  for (Slot& slot : old) {
    if (slot.taken) Probe(slot.key(), table.Hash(slot.key())) = std::move(slot);
  }
}

WindowTable::Slot* WindowTable::Shard::Insert(const WindowTable& table, const WindowKey& key, std::uint64_t hash,
                                              std::int64_t now) {
  const bool full = taken >= max_keys;
  if (full && now < next_sweep) return nullptr;
  if (full || (taken + 1) * 4 > slots.size() * 3) Rebuild(table, now);
  if (taken >= max_keys) return nullptr;
  Slot& slot = Probe(key, hash);
  slot.taken = true;
  slot.id = key.id;
  slot.policy = key.policy;
  slot.refused = 0;
  ++taken;
  return &slot;
}

Decision WindowTable::Decide(SlidingWindow& window, std::int64_t now, std::uint32_t limit) const {
  Decision decision;
  decision.limit = limit;
  decision.decided_at = ToTime(now);
  decision.allowed = window.count() < limit;
  if (decision.allowed) {
    decision.remaining = limit - window.count();
    decision.resets_at = ToTime((window.count() > 0 ? window.At(0) : now) + length_);
  } else {
    // Where the limit was lowered, more than one has to leave.
    decision.resets_at = ToTime(window.At(window.count() - limit) + length_);
  }
  return decision;
}

Decision WindowTable::Count(SlidingWindow& window, std::uint32_t& refused, std::int64_t now, std::uint32_t limit,
                            base::FunctionRef<bool(base::MonotonicTime)> also) const {
  window.Expire(now, length_);
  if (window.count() == 0) refused = 0;
  Decision decision = Decide(window, now, limit);
  if (!decision.allowed) {
    ++refused;
  } else if (also(ToTime(now))) {
    window.Add(now);
    --decision.remaining;
  }
  return decision;
}

Decision WindowTable::Take(const WindowKey& key, std::uint32_t limit,
                           base::FunctionRef<bool(base::MonotonicTime)> also) {
  assert(limit > 0 && key.policy < kMaxPolicies);
  const std::uint64_t hash = Hash(key);
  {
    Shard& shard = ShardOf(hash);
    const base::MutexLock lock(shard.mu);
    const std::int64_t now = Now();
    Slot* slot = shard.Find(key, hash);
    if (!slot) {
      slot = shard.Insert(*this, key, hash, now);
      if (slot && now < shared_until_.load(std::memory_order_acquire)) {
        const base::MutexLock shared(shared_mu_);
        shared_[key.policy].Expire(now, length_);
        slot->window.AddAll(shared_[key.policy]);
      }
    }
    if (slot) return Count(slot->window, slot->refused, now, limit, also);
  }
  const base::MutexLock lock(shared_mu_);
  ++in_shared_;
  std::uint32_t refused = 0;
  const std::int64_t now = Now();
  shared_until_.store(now + length_, std::memory_order_release);
  return Count(shared_[key.policy], refused, now, limit, also);
}

Decision WindowTable::Take(const WindowKey& key, std::uint32_t limit) {
  return Take(key, limit, [](base::MonotonicTime) { return true; });
}

void WindowTable::Reset(const WindowKey& key) {
  const std::uint64_t hash = Hash(key);
  Shard& shard = ShardOf(hash);
  const base::MutexLock lock(shard.mu);
  if (Slot* const slot = shard.Find(key, hash)) {
    slot->window = SlidingWindow();
    slot->refused = 0;
  }
}

void WindowTable::ResetPolicy(std::uint8_t policy) {
  for (Shard& shard : shards_) {
    const base::MutexLock lock(shard.mu);
    for (Slot& slot : shard.slots) {
      if (!slot.taken || slot.key().policy != policy) continue;
      slot.window = SlidingWindow();
      slot.refused = 0;
    }
  }
  const base::MutexLock lock(shared_mu_);
  shared_[policy] = SlidingWindow();
}

void WindowTable::ResetAll() {
  for (Shard& shard : shards_) {
    const base::MutexLock lock(shard.mu);
    shard.slots.clear();
    shard.taken = 0;
    shard.next_sweep = 0;
  }
  const base::MutexLock lock(shared_mu_);
  shared_ = {};
}

void WindowTable::ForEach(base::FunctionRef<void(const WindowState&)> visit) const {
  for (Shard& shard : shards_) {
    const base::MutexLock lock(shard.mu);
    const std::int64_t now = Now();
    for (Slot& slot : shard.slots) {
      if (!slot.taken) continue;
      slot.window.Expire(now, length_);
      if (slot.window.count() == 0) continue;
      visit({slot.key(), slot.window.count(), slot.refused, ToTime(slot.window.At(0) + length_)});
    }
  }
}

WindowTable::Size WindowTable::size() const {
  Size size;
  for (Shard& shard : shards_) {
    const base::MutexLock lock(shard.mu);
    size.keys += shard.taken;
    size.bytes += sizeof(Shard) + shard.slots.capacity() * sizeof(Slot);
    for (const Slot& slot : shard.slots) size.bytes += slot.taken ? slot.window.heap_bytes() : 0;
  }
  const base::MutexLock lock(shared_mu_);
  size.shared = in_shared_;
  return size;
}

}  // namespace portal::resilience
