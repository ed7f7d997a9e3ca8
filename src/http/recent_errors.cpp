#include "http/recent_errors.h"

#include "http/problem.h"

namespace portal::http {
namespace {

// Ours are a sentence or two; one that quotes a request's bytes may be as long as its head.
constexpr std::size_t kLongestDetail = 500;

/// A method that nobody knows and a version of HTTP that nobody speaks are the client's doing, whatever their class.
bool IsOurs(int status) { return status >= 500 && status != 501 && status != 505; }

}  // namespace

void RecentErrors::Note(const Request& request, std::string_view route, const base::Error& error) {
  const ProblemType& problem = ProblemFor(error.code);
  if (!IsOurs(problem.status)) return;
  const std::string_view detail = std::string_view(error.detail).substr(0, kLongestDetail);
  const base::MutexLock lock(mu_);
  if (ring_.size() < kKept) ring_.emplace_back();
  Entry& entry = ring_[next_];
  next_ = (next_ + 1) % kKept;
  entry.time = request.now;
  entry.method = request.head.method;
  entry.route = route;
  entry.status = problem.status;
  entry.code = problem.code;
  entry.detail.assign(detail);
  entry.trace_id = request.trace_id;
}

void RecentErrors::Clear() {
  const base::MutexLock lock(mu_);
  ring_.clear();
  next_ = 0;
}

std::vector<RecentErrors::Entry> RecentErrors::Latest() const {
  const base::MutexLock lock(mu_);
  std::vector<Entry> latest;
  latest.reserve(ring_.size());
  for (std::size_t back = 1; back <= ring_.size(); ++back) latest.push_back(ring_[(next_ + kKept - back) % kKept]);
  return latest;
}

}  // namespace portal::http
