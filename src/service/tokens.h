#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/ids.h"
#include "base/result.h"
#include "model/scopes.h"
#include "model/tenant.h"
#include "store/writer.h"

namespace portal::service {

/// How long a token may be asked to live, as in `30d`: from 1ms to 36500d. nullopt: it is none.
std::optional<std::chrono::milliseconds> ParseTokenLife(std::string_view text);
/// What ParseTokenLife expects, for a message.
inline constexpr std::string_view kTokenLifeForm = "one from 1ms to 36500d, as in 30d or 12h";

/// What somebody wants of a new bearer token.
struct TokenWish {
  std::string label{};  ///< empty, or `model::IsDisplayName`
  model::Scopes scopes;
  std::optional<base::WallTime> expires_at{};  ///< unset: it lives until it is revoked
};

/// A token that is now in the store. `secret` is what to send as the bearer token: it exists here and with whoever is
/// told it, and cannot be had again.
template <typename Token>
struct IssuedToken {
  Token token;
  std::string secret;
};

/// Makes a token for a client, in one transaction. kNotFound: the tenant has no such client; kConflict: the client is
/// revoked, and its token would be born dead; kValidation names the field (label, scopes, expires_at); or the store's
/// own troubles. Thread-safe.
base::Result<IssuedToken<model::Token>> IssueClientToken(store::Writer& writer, const base::TenantId& tenant,
                                                         const base::ClientId& client, TokenWish wish,
                                                         base::WallTime now);

/// Makes a token for an operator, in one transaction. kValidation and the store's own troubles as above. Thread-safe.
base::Result<IssuedToken<model::OperatorToken>> IssueOperatorToken(store::Writer& writer, TokenWish wish,
                                                                   base::WallTime now);

}  // namespace portal::service
