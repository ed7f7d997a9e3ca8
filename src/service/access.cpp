#include "service/access.h"

#include <functional>
#include <optional>
#include <string>
#include <unordered_map>

#include "crypto/hash.h"
#include "crypto/token.h"
#include "store/reader.h"
#include "store/writer.h"

namespace portal::service {
namespace {

using base::ErrorCode;
using base::Fail;

constexpr std::size_t kMaxTokenBytes = 256;
constexpr std::size_t kMaxCachedEntries = 4096;
// How long nobody asks whether another process has written; of this one's commits everybody hears at once. A command
// line that has revoked a token takes longer to end; asking costs as much as the rest of a small request.
constexpr std::chrono::milliseconds kAskAgain{1};

struct TextHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
};

auto InvalidToken() { return Fail(ErrorCode::kInvalidToken, "The bearer token is invalid, revoked or expired"); }

base::Error InvalidSignature() { return {ErrorCode::kSignatureInvalid, "The URL's signature does not match", {}, {}}; }

auto Unavailable(base::Error cause) {
  if (cause.code == ErrorCode::kCircuitOpen) return Fail(std::move(cause));
  std::string internal = "access: " + (cause.internal.empty() ? cause.detail : cause.internal);
  return Fail(ErrorCode::kUnavailable, "Access cannot be checked right now; try again", std::move(internal));
}

}  // namespace

/// What is kept of a token or a client.
struct Access::Known : store::AccessEntry {
  explicit Known(store::AccessEntry entry) : AccessEntry(std::move(entry)), limit_key(http::LimitKeyOf(client)) {}
  http::LimitSubject Subject() const { return {limit_key, tenant, client_budgets, tenant_budgets}; }

  std::array<std::uint64_t, 2> limit_key;
};

/// A token that somebody has sent.
struct Access::KnownToken : Known {
  using Known::Known;
  base::WallTime noted{};  ///< the last of its uses that was noted
};

/// What one worker knows of tokens and clients as of one version of the store. Holds only what exists:
/// callers who guess must not be able to fill it.
struct Access::Cache {
  std::uint32_t version = 0;
  base::MonotonicTime asked{};
  std::uint64_t commits = 0;  // of this process, when it was asked
  std::unordered_map<crypto::Sha256Digest, KnownToken, DigestHash> tokens;
  std::unordered_map<std::string, Known, TextHash, std::equal_to<>> clients;

  /// Must be asked before every look-up, so that what is looked up belongs to this version or a newer one.
  base::Status Refresh(store::Reader& reader, std::uint64_t commits_now, base::MonotonicTime now) {
    if (now - asked < kAskAgain && commits == commits_now) return {};
    const auto current = reader.DataVersion();
    if (!current) return Unavailable(current.error());
    if (*current != version) {
      tokens.clear();
      clients.clear();
      version = *current;
    }
    asked = now;
    commits = commits_now;
    return {};
  }
};

Access::Access(store::Database& database, const FileLinks& links, const base::Clock& clock, std::size_t workers)
    : database_(database), links_(links), clock_(clock), uses_(workers) {
  for (std::size_t i = 0; i < workers; ++i) caches_.push_back(std::make_unique<Cache>());
}

Access::~Access() = default;

namespace {

/// Demo tokens are short words; what looks like one of ours and has a wrong checksum is a misprint or a guess, and not
/// worth asking the store about.
bool MayBeAToken(std::string_view token) {
  return !token.starts_with(crypto::kBearerTokenPrefix) || crypto::CheckBearerTokenForm(token);
}

/// Finds `key` in `known`, else by `look_up`. Null when it does not exist; valid until the next call.
template <typename Map, typename Key, typename LookUp>
base::Result<typename Map::mapped_type*> Remember(Map& known, const Key& key, LookUp look_up) {
  if (const auto at = known.find(key); at != known.end()) return &at->second;
  base::Result<std::optional<store::AccessEntry>> found = look_up();
  if (!found) return Unavailable(std::move(found).error());
  if (!*found) return nullptr;
  if (known.size() >= kMaxCachedEntries) known.clear();
  return &known.emplace(key, typename Map::mapped_type(std::move(**found))).first->second;
}

}  // namespace

// Looking up the hash takes no longer for a nearly right token than for a wrong one.
base::Result<Access::KnownToken*> Access::Find(base::WorkerId worker, std::string_view token,
                                               const crypto::Sha256Digest& digest, base::WallTime now) {
  store::Reader& reader = database_.reader(worker);
  Cache& cache = *caches_.at(worker.index);
  if (auto fresh = cache.Refresh(reader, database_.writer().commits(), clock_.Unmoved()); !fresh)
    return Fail(std::move(fresh).error());
  const auto found = Remember(cache.tokens, digest, [&]() -> base::Result<std::optional<store::AccessEntry>> {
    if (!MayBeAToken(token)) return std::nullopt;
    return reader.tenants.FindToken(digest);
  });
  if (!found) return Fail(found.error());
  KnownToken* const known = *found;
  if (!known || !known->usable || (known->expires_at && now >= *known->expires_at)) return InvalidToken();
  return known;
}

http::Identity Access::Use(base::WorkerId worker, KnownToken& known, base::WallTime now) {
  if (now - known.noted >= TokenUses::kPrecision || now < known.noted) {
    known.noted = now;
    uses_.Note(worker, known.tenant, known.token_id, now);
  }
  return {known.tenant, known.client, known.scopes, base::InlineText<32>(known.token_id), known.Subject()};
}

base::Result<http::Identity> Access::CheckBearer(base::WorkerId worker, std::string_view token, base::WallTime now) {
  if (token.empty() || token.size() > kMaxTokenBytes) return InvalidToken();
  const auto known = Find(worker, token, crypto::Sha256(token), now);
  if (!known) return Fail(known.error());
  return Use(worker, **known, now);
}

base::Result<http::Identity> Access::CheckScraper(base::WorkerId worker, std::string_view token, base::WallTime now) {
  if (token.empty() || token.size() > kMaxTokenBytes) return InvalidToken();
  const crypto::Sha256Digest digest = crypto::Sha256(token);
  const store::Reader::PastBreaker past_breaker(database_.reader(worker));
  const auto known = Find(worker, token, digest, now);
  if (known) {
    http::Identity identity = Use(worker, **known, now);
    const bool scrapes = identity.scopes.Has(model::kMetricsScope);
    if (scrapes) scrapers_.Remember(digest, identity, (*known)->expires_at, clock_.Unmoved());
    return identity;
  }
  if (known.error().code == ErrorCode::kInvalidToken) {
    scrapers_.Forget(digest);
  } else if (auto identity = scrapers_.Recall(digest, clock_.Unmoved(), now)) {
    return *std::move(identity);
  }
  return Fail(known.error());
}

base::Result<http::FileGrant> Access::CheckSignedUrl(base::WorkerId worker, std::string_view target,
                                                     base::WallTime now) {
  const auto refused = [this](LinkRefusal why, base::Error error) {
    links_.counts().NoteRefused(why);
    return Fail(std::move(error));
  };
  auto link = FileLinks::Parse(target);
  if (!link) return refused(LinkRefusal::kMalformed, std::move(link).error());
  store::Reader& reader = database_.reader(worker);
  Cache& cache = *caches_.at(worker.index);
  if (auto fresh = cache.Refresh(reader, database_.writer().commits(), clock_.Unmoved()); !fresh)
    return Fail(std::move(fresh).error());
  const std::string& client = link->client.value();
  const auto entry = Remember(cache.clients, client, [&] { return reader.tenants.FindClient(client); });
  if (!entry) return Fail(entry.error());
  if (!*entry) return refused(LinkRefusal::kSignature, InvalidSignature());
  if (auto valid = links_.Check((*entry)->tenant, *link, now); !valid) {
    const bool expired = valid.error().code == ErrorCode::kSignatureExpired;
    return refused(expired ? LinkRefusal::kExpired : LinkRefusal::kSignature, std::move(valid).error());
  }
  if (!(*entry)->usable) return refused(LinkRefusal::kRevoked, InvalidSignature());
  return http::FileGrant{.tenant = (*entry)->tenant,
                         .client = std::move(link->client),
                         .bucket = std::move(link->bucket),
                         .job_id = std::move(link->job_id),
                         .name = std::move(link->name),
                         .expires = std::chrono::sys_seconds{std::chrono::seconds{link->expires_s}},
                         .disposition = link->disposition,
                         .limits = (*entry)->Subject()};
}

base::Status Access::WriteUses() { return uses_.Write(database_.writer()); }

base::Status Access::ForgetUsesAround(base::FunctionRef<base::Status()> rewind) { return uses_.ForgetAround(rewind); }

}  // namespace portal::service
