#include "control/sessions.h"

#include <algorithm>
#include <array>
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

Sessions::Begun Sessions::Begin(Credential credential, const base::IpAddress& address, std::string_view user_agent,
                                base::WallTime now) {
  std::array<unsigned char, kSecretBytes> random;
  crypto::FillRandom(random);
  Begun begun{{.id = crypto::RandomId("ses_", kIdLength),
               .credential = std::move(credential),
               .address = address,
               .user_agent = Printable(user_agent),
               .created_at = now,
               .last_used_at = now},
              crypto::ToBase64Url(random)};
  const base::MutexLock lock(mu_);
  MakeRoom(now);
  by_secret_.insert_or_assign(crypto::Sha256(begun.secret), begun.session);
  return begun;
}

void Sessions::MakeRoom(base::WallTime now) {
  std::erase_if(by_secret_, [&](const auto& entry) { return entry.second.EndsAt() <= now; });
  if (by_secret_.size() < kMost) return;
  by_secret_.erase(
      std::ranges::min_element(by_secret_, {}, [](const auto& entry) { return entry.second.last_used_at; }));
}

std::optional<Session> Sessions::Use(std::string_view secret, base::WallTime now) {
  // Comparing hashes takes no longer for a nearly right secret than for a wrong one.
  const crypto::Sha256Digest digest = crypto::Sha256(secret);
  const base::MutexLock lock(mu_);
  const auto at = by_secret_.find(digest);
  if (at == by_secret_.end()) return std::nullopt;
  Session& session = at->second;
  if (session.EndsAt() <= now) {
    by_secret_.erase(at);
    return std::nullopt;
  }
  session.last_used_at = std::max(session.last_used_at, now);
  return session;
}

std::vector<Session> Sessions::List(base::WallTime now) const {
  std::vector<Session> all;
  {
    const base::MutexLock lock(mu_);
    for (const auto& [digest, session] : by_secret_) {
      if (session.EndsAt() > now) all.push_back(session);
    }
  }
  std::ranges::sort(all, [](const Session& a, const Session& b) {
    return std::pair(a.created_at, a.id) < std::pair(b.created_at, b.id);
  });
  return all;
}

bool Sessions::End(std::string_view id) {
  const base::MutexLock lock(mu_);
  return std::erase_if(by_secret_, [&](const auto& entry) { return entry.second.id == id; }) > 0;
}

void Sessions::EndAll() {
  const base::MutexLock lock(mu_);
  by_secret_.clear();
}

}  // namespace portal::control
