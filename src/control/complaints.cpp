#include "control/complaints.h"

#include <utility>

namespace portal::control {

void Complaints::Add(std::string parameter, std::string detail) {
  if (first_.size() < kMost) {
    first_.push_back({std::move(parameter), std::move(detail)});
  } else {
    ++more_;
  }
}

void Complaints::AddAll(const std::string& prefix, const Complaints& others) {
  for (const base::ParameterError& error : others.first_) Add(prefix + error.parameter, error.detail);
  more_ += others.more_;
}

std::vector<base::ParameterError> Complaints::ToErrors() const {
  std::vector<base::ParameterError> errors = first_;
  if (more_ > 0) errors.push_back({"...", "And " + std::to_string(more_) + " more"});
  return errors;
}

}  // namespace portal::control
