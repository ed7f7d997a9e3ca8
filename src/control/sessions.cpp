#include "control/sessions.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <tuple>
#include <utility>

#include "crypto/base64url.h"
#include "crypto/random.h"

namespace portal::control {
namespace {

constexpr std::size_t kSecretBytes = 32;
constexpr std::size_t kIdLength = 20;
constexpr std::size_t kMostOfUserAgent = 200;

std::string Printable(std::string_view text) {
  std::string printable(text.substr(0, kMostOfUserAgent));
  std::ranges::replace_if(
      printable, [](char c) { return c < ' ' || c > '~'; }, '?');
  return printable;
}

}  // namespace

Sessions::Begun Sessions::Begin(Credential credential, const base::IpAddress& address, std::string_view user_agent) {
  std::array<unsigned char, kSecretBytes> random;
  crypto::FillRandom(random);
  const base::WallTime wall = clock_.Wall();
  Session session{.id = crypto::RandomId("ses_", kIdLength),
                  .credential = std::move(credential),
                  .address = address,
                  .user_agent = Printable(user_agent),
                  .created_at = wall,
                  .last_used_at = wall};
  std::string secret = crypto::ToBase64Url(random);
  const base::MutexLock lock(mu_);
  const base::MonotonicTime now = clock_.Monotonic();
  MakeRoom(session.credential);
  const auto at = by_secret_.insert_or_assign(crypto::Sha256(secret), Entry{std::move(session), now, now}).first;
  return {Shown(at->second), std::move(secret)};
}

/// Of those that are left, the one that has not been used for longest goes, where there are too many.
void Sessions::MakeRoom(const Credential& credential) {
  std::erase_if(by_secret_, [now = clock_.Monotonic()](const auto& entry) { return entry.second.EndsAt() <= now; });
  const auto is_its = [&](const auto& entry) { return entry.second.session.credential == credential; };
  const bool too_many_of_one = std::ranges::count_if(by_secret_, is_its) >= std::ptrdiff_t{kMostOfOne};
  if (!too_many_of_one && by_secret_.size() < kMost) return;
  auto oldest = by_secret_.end();
  for (auto at = by_secret_.begin(); at != by_secret_.end(); ++at) {
    if (too_many_of_one && !is_its(*at)) continue;
    if (oldest == by_secret_.end() || at->second.used < oldest->second.used) oldest = at;
  }
  by_secret_.erase(oldest);
}

Session Sessions::Shown(const Entry& entry) const {
  Session shown = entry.session;
  shown.ends_at = clock_.Wall() + std::chrono::floor<std::chrono::milliseconds>(entry.EndsAt() - clock_.Monotonic());
  return shown;
}

std::optional<Session> Sessions::Use(std::string_view secret) {
  // Comparing hashes takes no longer for a nearly right secret than for a wrong one.
  const crypto::Sha256Digest digest = crypto::Sha256(secret);
  const base::MutexLock lock(mu_);
  const base::MonotonicTime now = clock_.Monotonic();
  const auto at = by_secret_.find(digest);
  if (at == by_secret_.end()) return std::nullopt;
  Entry& entry = at->second;
  if (entry.EndsAt() <= now) {
    by_secret_.erase(at);
    return std::nullopt;
  }
  entry.used = now;
  entry.session.last_used_at = clock_.Wall();
  return Shown(entry);
}

std::vector<Session> Sessions::List() const {
  std::vector<std::pair<base::MonotonicTime, Session>> all;
  {
    const base::MutexLock lock(mu_);
    const base::MonotonicTime now = clock_.Monotonic();
    for (const auto& [digest, entry] : by_secret_) {
      if (entry.EndsAt() > now) all.emplace_back(entry.begun, Shown(entry));
    }
  }
  std::ranges::sort(all, {}, [](const auto& one) { return std::tie(one.first, one.second.id); });
  std::vector<Session> sessions;
  for (auto& [begun, session] : all) sessions.push_back(std::move(session));
  return sessions;
}

bool Sessions::End(std::string_view id) {
  const base::MutexLock lock(mu_);
  return std::erase_if(by_secret_, [&](const auto& entry) { return entry.second.session.id == id; }) > 0;
}

void Sessions::EndAll() {
  const base::MutexLock lock(mu_);
  by_secret_.clear();
}

}  // namespace portal::control
