#include "control/client_keys.h"

#include <utility>

namespace portal::control {

base::Status ClientKeys::Learn(std::span<const http::RateLimits::Used> windows, store::Reader& reader,
                               base::WorkerId worker) {
  const base::MutexLock lock(mu_);
  bool knows_all = true;
  for (const http::RateLimits::Used& window : windows) knows_all = knows_all && clients_.contains(window.key);
  if (knows_all) return {};
  const auto version = reader.DataVersion();
  if (!version) return base::Fail(version.error());
  const Seen now{worker.index, *version};
  if (seen_ == now) return {};
  auto ids = reader.tenants.ClientIds();
  if (!ids) return base::Fail(std::move(ids).error());
  clients_.clear();
  for (base::ClientId& id : *ids) {
    const http::LimitKey key = http::LimitKeyOf(id);
    clients_.emplace(key, std::move(id));
  }
  seen_ = now;
  return {};
}

std::optional<base::ClientId> ClientKeys::ClientOf(const http::LimitKey& key) const {
  const base::MutexLock lock(mu_);
  const auto at = clients_.find(key);
  return at == clients_.end() ? std::nullopt : std::optional(at->second);
}

}  // namespace portal::control
