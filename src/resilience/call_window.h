#pragma once

#include <cstddef>
#include <vector>

namespace portal::resilience {

/// How the last calls of something went, at most `size` of them. Not thread-safe.
class CallWindow {
 public:
  /// REQUIRES: size > 0.
  explicit CallWindow(std::size_t size) : failed_(size) {}

  void Add(bool failed);
  void Clear();

  std::size_t calls() const { return calls_; }
  std::size_t failures() const { return failures_; }
  /// One more success would change nothing.
  bool IsFullOfSuccesses() const { return calls_ == failed_.size() && failures_ == 0; }
  /// Of 1; 0 without calls.
  double FailureRate() const { return calls_ == 0 ? 0 : static_cast<double>(failures_) / static_cast<double>(calls_); }

 private:
  std::vector<bool> failed_;
  std::size_t next_ = 0;
  std::size_t calls_ = 0;
  std::size_t failures_ = 0;
};

}  // namespace portal::resilience
