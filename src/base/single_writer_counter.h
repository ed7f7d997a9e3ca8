#pragma once

#include <atomic>

namespace portal::base {

/// A number that one thread changes and any thread reads: without a lock, and without a locked instruction.
template <typename T>
class SingleWriterCounter {
 public:
  /// REQUIRES: no other thread changes it.
  void Add(T more = 1) { value_.store(read() + more, std::memory_order_relaxed); }
  void Subtract(T less = 1) { value_.store(read() - less, std::memory_order_relaxed); }

  T read() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<T> value_{0};
};

}  // namespace portal::base
