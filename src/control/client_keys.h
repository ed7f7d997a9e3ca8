#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>

#include "base/ids.h"
#include "base/mutex.h"
#include "base/result.h"
#include "http/limit_subject.h"
#include "http/rate_limits.h"
#include "store/reader.h"

namespace portal::control {

/// Which clients the limiter's windows are of. A key is drawn from a client's id and does not lead back to it, so the
/// ids that the store has are kept here by their keys; and since an id never changes its key, the store is read again
/// for a key alone that is not here. Thread-safe.
class ClientKeys {
 public:
  /// Before ClientOf: reads the store where it may know a client of `windows` that is not here. That takes time in
  /// proportion to all clients.
  base::Status Learn(std::span<const http::RateLimits::Used> windows, store::Reader& reader, base::WorkerId worker);

  /// nullopt: the store knew no such client. One that it knew may have been deleted since.
  std::optional<base::ClientId> ClientOf(const http::LimitKey& key) const;

 private:
  /// What a worker's reader called the state of the store. Readers' words for it do not compare.
  struct Seen {
    std::size_t worker;
    std::uint32_t data_version;
    bool operator==(const Seen&) const = default;
  };

  mutable base::Mutex mu_;
  std::optional<Seen> seen_ GUARDED_BY(mu_);  // when the store was last read
  std::map<http::LimitKey, base::ClientId> clients_ GUARDED_BY(mu_);
};

}  // namespace portal::control
