#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/inline_text.h"
#include "base/mutex.h"
#include "http/method.h"
#include "http/request.h"

namespace portal::http {

/// The last answers that said that the portal, not its client, has failed: problem details of 5xx, for whoever looks
/// for their cause; not 501 and 505, which any scanner can bring about. Bounded, in memory alone. Thread-safe.
class RecentErrors {
 public:
  static constexpr std::size_t kKept = 200;

  /// What the client was told, and nothing that it was not.
  struct Entry {
    base::WallTime time;
    Method method = Method::kGet;
    std::string_view route;  ///< a pattern of the route table, or `other`
    int status = 0;
    std::string_view code;
    std::string detail;
    base::InlineText<64> trace_id;
  };

  /// Keeps `error` where its status says so. `route` outlives this, as patterns do.
  void Note(const Request& request, std::string_view route, const base::Error& error);

  /// The latest first, at most kKept.
  std::vector<Entry> Latest() const;

  void Clear();

 private:
  mutable base::Mutex mu_;
  std::vector<Entry> ring_ GUARDED_BY(mu_);
  std::size_t next_ GUARDED_BY(mu_) = 0;  // where the next entry goes: the oldest one's place once the ring is full
};

}  // namespace portal::http
