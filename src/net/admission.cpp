#include "net/admission.h"

#include <algorithm>
#include <limits>

namespace portal::net {

namespace {

std::size_t CapOf(std::size_t setting) { return setting > 0 ? setting : std::numeric_limits<std::size_t>::max(); }

}  // namespace

void Admission::SetLimits(const Limits& limits) {
  most_ = CapOf(limits.max_connections);
  most_per_network_ = CapOf(limits.max_connections_per_address);
}

Admission::Verdict Admission::TryEnter(const base::IpAddress& peer) {
  if (inside_.fetch_add(1, std::memory_order_relaxed) >= most_.load(std::memory_order_relaxed)) {
    inside_.fetch_sub(1, std::memory_order_relaxed);
    return Verdict::kFull;
  }
  if (!TryEnterNetwork(peer)) {
    inside_.fetch_sub(1, std::memory_order_relaxed);
    return Verdict::kAddressFull;
  }
  return Verdict::kAdmitted;
}

void Admission::Leave(const base::IpAddress& peer) {
  LeaveNetwork(peer);
  inside_.fetch_sub(1, std::memory_order_relaxed);
}

Admission::Crowd Admission::Look() const {
  const base::MutexLock lock(mu_);
  Crowd crowd{inside_by_network_.size(), 0};
  for (const auto& [network, inside] : inside_by_network_) crowd.most_of_one = std::max(crowd.most_of_one, inside);
  return crowd;
}

// Counted also while there is no cap, so that one that is set later finds the right numbers.
bool Admission::TryEnterNetwork(const base::IpAddress& peer) {
  if (peer.is_unix()) return true;
  const base::MutexLock lock(mu_);
  std::size_t& inside = inside_by_network_[peer.LimitKey()];  // admitted ones are at least 1: none is left behind at 0
  if (inside >= most_per_network_.load(std::memory_order_relaxed)) return false;
  ++inside;
  return true;
}

void Admission::LeaveNetwork(const base::IpAddress& peer) {
  if (peer.is_unix()) return;
  const base::MutexLock lock(mu_);
  const auto at = inside_by_network_.find(peer.LimitKey());
  if (--at->second == 0) inside_by_network_.erase(at);
}

}  // namespace portal::net
