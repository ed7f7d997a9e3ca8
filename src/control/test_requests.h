#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/mutex.h"
#include "http/request.h"

namespace portal::control {

/// A request of the data plane, as test mode remembers it. No value of a query is in here, so no signature is.
struct SeenRequest {
  base::WallTime at;
  std::string method;
  std::string route;   ///< the matched pattern; `other` where there is none
  std::string target;  ///< the path, and the query's names without values
  int status = 0;      ///< 0: the connection was reset in place of an answer
  std::string client;  ///< empty where nobody was known
  std::string trace_id;
  bool fault = false;  ///< a fault was injected

  static SeenRequest Of(const http::Request& request, int status);
};

/// The last requests that the data plane has answered. Thread-safe.
class TestRequests {
 public:
  static constexpr std::size_t kMost = 1'000;

  void Add(SeenRequest request);
  void Clear();

  struct Seen {
    std::vector<SeenRequest> last;  ///< kMost at most, the oldest first
    std::uint64_t total = 0;        ///< how many there were
  };
  Seen All() const;

 private:
  mutable base::Mutex mu_;
  std::deque<SeenRequest> last_ GUARDED_BY(mu_);
  std::uint64_t total_ GUARDED_BY(mu_) = 0;
};

}  // namespace portal::control
