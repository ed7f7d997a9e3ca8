#include "control/caller.h"

#include <utility>

#include "control/session_cookie.h"
#include "http/stages/authenticate.h"
#include "service/operator_password.h"

namespace portal::control {
namespace {

using base::Fail;

base::Result<std::optional<model::Scopes>> ScopesOfToken(const Credential& credential, store::Reader& reader,
                                                         base::WallTime now) {
  const auto found = reader.tenants.FindToken(credential.digest);
  if (!found) return Fail(found.error());
  const std::optional<store::AccessEntry>& token = *found;
  const bool good =
      token && token->usable && token->client.value().empty() && (!token->expires_at || now < *token->expires_at);
  return good ? std::optional(token->scopes) : std::nullopt;
}

base::Result<std::optional<model::Scopes>> ScopesOfPassword(const Credential& credential, store::Reader& reader) {
  const auto kept = service::FindOperatorPassword(reader);
  if (!kept) return Fail(kept.error());
  const bool good = *kept && crypto::Sha256(**kept) == credential.digest;
  return good ? std::optional(model::kAdminScope) : std::nullopt;
}

}  // namespace

base::Result<std::optional<model::Scopes>> ScopesOf(const Credential& credential, store::Reader& reader,
                                                    base::WallTime now) {
  switch (credential.kind) {
    case Credential::Kind::kToken:
      return ScopesOfToken(credential, reader, now);
    case Credential::Kind::kPassword:
      return ScopesOfPassword(credential, reader);
  }
  return std::nullopt;
}

base::Result<Caller> CheckCaller(const http::Request& request, http::Authenticator& authenticator, Sessions& sessions,
                                 store::Reader& reader, base::WallTime now) {
  const auto secret = FindSessionSecret(request);
  if (!secret || request.head.Find("Authorization")) {
    auto identity = http::stages::CheckBearer(request, authenticator, now);
    if (!identity) return Fail(std::move(identity).error());
    return Caller{*std::move(identity), std::nullopt};
  }
  if (auto own = CheckOwnPage(request); !own) return Fail(std::move(own).error());
  auto session = sessions.Use(*secret);
  std::optional<model::Scopes> scopes;
  if (session) {
    auto found = ScopesOf(session->credential, reader, now);
    if (!found) return Fail(std::move(found).error());
    scopes = *found;
    if (!scopes) sessions.End(session->id);
  }
  if (!scopes) return Fail(base::ErrorCode::kUnauthorized, "The session has ended: sign in again");
  const std::string& name = session->credential.token_id.empty() ? session->id : session->credential.token_id;
  http::Identity identity;
  identity.scopes = *scopes;
  identity.token_id = base::InlineText<32>(name);
  return Caller{std::move(identity), std::move(session)};
}

}  // namespace portal::control
