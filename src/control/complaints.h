#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/result.h"

namespace portal::control {

/// What is wrong with a request's members or parameters: the first few, and how many more there are, so that no answer
/// is many times as long as its request. Not thread-safe.
class Complaints {
 public:
  static constexpr std::size_t kMost = 20;

  void Add(std::string parameter, std::string detail);
  /// Those about an object within this one: `prefix` goes before each name.
  void AddAll(const std::string& prefix, const Complaints& others);

  bool empty() const { return first_.empty(); }
  /// In the order they came; where there are more than kMost, a last one says how many.
  std::vector<base::ParameterError> ToErrors() const;

 private:
  std::vector<base::ParameterError> first_;
  std::size_t more_ = 0;
};

}  // namespace portal::control
