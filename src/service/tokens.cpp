#include "service/tokens.h"

#include <utility>

#include "base/duration.h"
#include "base/time_text.h"
#include "crypto/hash.h"
#include "crypto/random.h"
#include "crypto/token.h"

namespace portal::service {
namespace {

constexpr std::size_t kIdLength = 20;
constexpr std::chrono::hours kLongestLife{24 * 36'500};

base::Status CheckExpiry(const TokenWish& wish, base::WallTime now) {
  if (!wish.expires_at || *wish.expires_at > now) return {};
  return base::Fail(base::ErrorCode::kValidation, "expires_at: " + base::FormatRfc3339(*wish.expires_at) +
                                                      " is not in the future; leave it out for a token without an end");
}

}  // namespace

std::optional<std::chrono::milliseconds> ParseTokenLife(std::string_view text) {
  const auto life = base::ParseDuration(text);
  if (!life || life->count() <= 0 || *life > kLongestLife) return std::nullopt;
  return life;
}

base::Result<IssuedToken<model::Token>> IssueClientToken(store::Writer& writer, const base::TenantId& tenant,
                                                         const base::ClientId& client, TokenWish wish,
                                                         base::WallTime now) {
  if (auto good = CheckExpiry(wish, now); !good) return base::Fail(std::move(good).error());
  IssuedToken<model::Token> issued{{.id = crypto::RandomId("tok_", kIdLength),
                                    .client = client,
                                    .label = std::move(wish.label),
                                    .created_at = now,
                                    .expires_at = wish.expires_at,
                                    .revoked_at = std::nullopt,
                                    .scopes = wish.scopes},
                                   crypto::NewBearerToken()};
  auto written = writer.Write([&](store::WriteTransaction& transaction) {
    return transaction.CreateToken(tenant, issued.token, crypto::Sha256(issued.secret));
  });
  if (!written) return base::Fail(std::move(written).error());
  return issued;
}

base::Result<IssuedToken<model::OperatorToken>> IssueOperatorToken(store::Writer& writer, TokenWish wish,
                                                                   base::WallTime now) {
  if (auto good = CheckExpiry(wish, now); !good) return base::Fail(std::move(good).error());
  IssuedToken<model::OperatorToken> issued{{.id = crypto::RandomId("tok_", kIdLength),
                                            .label = std::move(wish.label),
                                            .scopes = wish.scopes,
                                            .created_at = now,
                                            .expires_at = wish.expires_at,
                                            .revoked_at = std::nullopt},
                                           crypto::NewBearerToken()};
  auto written = writer.Write([&](store::WriteTransaction& transaction) {
    return transaction.CreateOperatorToken(issued.token, crypto::Sha256(issued.secret));
  });
  if (!written) return base::Fail(std::move(written).error());
  return issued;
}

}  // namespace portal::service
