#pragma once

#include <cstddef>
#include <cstring>
#include <optional>
#include <unordered_map>

#include "base/clock.h"
#include "base/mutex.h"
#include "crypto/hash.h"
#include "http/request.h"

namespace portal::service {

/// For maps by a digest, whose bits are as good as random.
struct DigestHash {
  std::size_t operator()(const crypto::Sha256Digest& digest) const {
    std::size_t bits;
    std::memcpy(&bits, digest.data(), sizeof(bits));
    return bits;
  }
};

/// The tokens that read the metrics, as the store knew them last, for the time in which it cannot be asked: that is
/// when somebody looks at them. All workers share it, since a scraper that connects anew meets another one. Bounded.
/// Thread-safe.
class RememberedScrapers {
 public:
  /// So long does the store's last word hold, for a token that was revoked meanwhile too.
  static constexpr std::chrono::minutes kFor{15};

  /// The store has just said that the token is good.
  void Remember(const crypto::Sha256Digest& token, const http::Identity& identity,
                std::optional<base::WallTime> expires_at, base::MonotonicTime now);
  /// The store has just said that it is not.
  void Forget(const crypto::Sha256Digest& token);
  /// Whose it is; nullopt: the store has not said so of late, or it has expired. `now` and `wall` are one moment.
  std::optional<http::Identity> Recall(const crypto::Sha256Digest& token, base::MonotonicTime now,
                                       base::WallTime wall) const;

 private:
  struct Scraper {
    http::Identity identity;
    std::optional<base::WallTime> expires_at;
    base::MonotonicTime confirmed;
  };
  mutable base::Mutex mu_;
  std::unordered_map<crypto::Sha256Digest, Scraper, DigestHash> scrapers_ GUARDED_BY(mu_);
};

}  // namespace portal::service
