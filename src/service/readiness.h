#pragma once

#include <atomic>
#include <string_view>
#include <vector>

namespace portal::service {

/// Why the portal should get no traffic, if anything: set by the application, read by health and probes.
/// Thread-safe.
class Readiness {
 public:
  void SetDraining() { draining_.store(true, std::memory_order_relaxed); }
  void SetStoreReadable(bool readable) { store_readable_.store(readable, std::memory_order_relaxed); }

  bool draining() const { return draining_.load(std::memory_order_relaxed); }
  bool ready() const { return !draining() && store_readable_.load(std::memory_order_relaxed); }

  /// Empty when ready; else `draining`, `store`.
  std::vector<std::string_view> Reasons() const {
    std::vector<std::string_view> reasons;
    if (draining()) reasons.push_back("draining");
    if (!store_readable_.load(std::memory_order_relaxed)) reasons.push_back("store");
    return reasons;
  }

 private:
  std::atomic<bool> draining_{false};
  std::atomic<bool> store_readable_{true};
};

}  // namespace portal::service
