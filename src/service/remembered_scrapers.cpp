#include "service/remembered_scrapers.h"

namespace portal::service {
namespace {

/// More than anybody has; only good tokens take room.
constexpr std::size_t kMost = 64;

}  // namespace

void RememberedScrapers::Remember(const crypto::Sha256Digest& token, const http::Identity& identity,
                                  std::optional<base::WallTime> expires_at, base::MonotonicTime now) {
  const base::MutexLock lock(mu_);
  if (scrapers_.size() >= kMost && !scrapers_.contains(token)) scrapers_.clear();
  scrapers_.insert_or_assign(token, Scraper{identity, expires_at, now});
}

void RememberedScrapers::Forget(const crypto::Sha256Digest& token) {
  const base::MutexLock lock(mu_);
  scrapers_.erase(token);
}

std::optional<http::Identity> RememberedScrapers::Recall(const crypto::Sha256Digest& token, base::MonotonicTime now,
                                                         base::WallTime wall) const {
  const base::MutexLock lock(mu_);
  const auto at = scrapers_.find(token);
  if (at == scrapers_.end() || now - at->second.confirmed > kFor) return std::nullopt;
  const std::optional<base::WallTime>& expires_at = at->second.expires_at;
  return expires_at && wall >= *expires_at ? std::nullopt : std::optional(at->second.identity);
}

}  // namespace portal::service
