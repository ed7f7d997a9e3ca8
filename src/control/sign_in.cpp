#include <optional>
#include <string>
#include <utility>

#include "base/json_object.h"
#include "control/caller.h"
#include "control/handlers.h"
#include "control/json_answers.h"
#include "control/json_fields.h"
#include "control/session_cookie.h"
#include "crypto/hash.h"
#include "http/stages/client_address.h"
#include "service/operator_password.h"
#include "store/reader.h"
#include "store/writer.h"

namespace portal::control {
namespace {

using base::ErrorCode;
using base::Fail;

std::string Json(const Session& session, const std::optional<Session>& own) {
  base::JsonObject json;
  const bool by_token = session.credential.kind == Credential::Kind::kToken;
  json.Text("id", session.id).Text("began_with", by_token ? "token" : "password");
  if (by_token) json.Text("token", session.credential.token_id);
  json.Text("address", session.address.ToText().view()).Text("user_agent", session.user_agent);
  json.Time("created_at", session.created_at).Time("last_used_at", session.last_used_at);
  return json.Time("expires_at", session.ends_at).Boolean("current", own && own->id == session.id).Done();
}

std::string WhoAmI(model::Scopes scopes, const std::optional<Session>& session) {
  base::JsonObject json;
  json.Json("scopes", ScopesJson(scopes)).Json("session", session ? Json(*session, session) : "null");
  return json.Done();
}

/// What somebody comes with: one of the two.
struct Shown {
  std::optional<std::string> token;
  std::optional<std::string> password;

  std::string_view kind() const { return token ? "token" : "password"; }
};

/// Ample for the longest password. Whoever sends it is a stranger, to whom no memory is lent.
constexpr std::uint64_t kMaxSignInBytes = 4096;

Result<Shown> ReadShown(Request& request) {
  auto fields = JsonFields::Read(request, {"application/json"}, kMaxSignInBytes);
  if (!fields) return Fail(std::move(fields).error());
  Shown shown{fields->Secret("token"), fields->Secret("password")};
  if (fields->Has("token") == fields->Has("password")) {
    fields->Refuse("token", "Give a token or a password, one of the two");
  }
  if (shown.password && shown.password->size() > service::kLongestPassword) {
    fields->Refuse("password",
                   "Is longer than any password: the most are " + std::to_string(service::kLongestPassword) + " bytes");
  }
  if (auto valid = fields->Finish(); !valid) return Fail(std::move(valid).error());
  return shown;
}

/// nullopt: there is no such token, or it is not the password.
Result<std::optional<Credential>> Find(const Context& context, const Request& request, const Shown& shown) {
  store::Reader& reader = context.database.reader(request.worker());
  if (shown.token) {
    const crypto::Sha256Digest digest = crypto::Sha256(*shown.token);
    const auto found = reader.tenants.FindToken(digest);
    if (!found) return Fail(found.error());
    if (!*found) return std::nullopt;
    return Credential{Credential::Kind::kToken, digest, (*found)->token_id};
  }
  const auto kept = service::FindOperatorPassword(reader);
  if (!kept) return Fail(kept.error());
  const auto right = context.password_door->Try(request.http().client_address, *kept, *shown.password);
  if (!right) return Fail(right.error());
  if (!*right) return std::nullopt;
  return Credential{Credential::Kind::kPassword, crypto::Sha256(**kept), {}};
}

/// Who is let in, and what he may do.
struct Admitted {
  Credential credential;
  model::Scopes scopes;
};

/// nullopt: he is not, for whatever reason.
Result<std::optional<Admitted>> Check(const Context& context, const Request& request, const Shown& shown) {
  store::Reader& reader = context.database.reader(request.worker());
  const store::Reader::PastBreaker past_breaker(reader);  // else nobody could sign in to close it
  auto credential = Find(context, request, shown);
  if (!credential) return Fail(std::move(credential).error());
  if (!*credential) return std::nullopt;
  const auto scopes = ScopesOf(**credential, reader, request.now());
  if (!scopes) return Fail(scopes.error());
  if (!*scopes) return std::nullopt;
  return Admitted{**std::move(credential), **scopes};
}

/// Bad credentials of whichever kind are one answer, and cost the address as any bad token does.
base::Error Refusal(const Context& context, const Request& request) {
  const auto verdict = context.limits.NoteAuthFailure(request.http().client_address);
  if (!verdict || verdict->decision.allowed) {
    return {ErrorCode::kInvalidToken, "The token or the password is not right", {}, {}};
  }
  base::Error error{ErrorCode::kRateLimitExceeded, "Too many bad tokens or passwords came from this address", {}, {}};
  error.retry_after = std::chrono::seconds{verdict->SecondsLeft()};
  return error;
}

/// That the token was used, as the list of tokens shows it. Whoever signs in need not wait for a disk that takes
/// writes.
void NoteUse(const Context& context, const Credential& credential, base::WallTime now) {
  if (credential.kind != Credential::Kind::kToken) return;
  const auto noted = context.database.writer().Write(
      [&](store::WriteTransaction& transaction) { return transaction.NoteOperatorTokenUse(credential.token_id, now); });
  if (!noted)
    context.logger.Warning("token_use_not_noted", {{"token", credential.token_id}, {"cause", noted.error().detail}});
}

/// Whoever is told to come again fills no log by coming at once.
void LogRefusal(const Context& context, const Request& request, const Shown& shown, const base::Error& error) {
  const base::IpAddress& address = request.http().client_address;
  const bool come_again = error.code == ErrorCode::kRateLimitExceeded;
  if (error.code != ErrorCode::kInvalidToken && !come_again) return;
  if (come_again && !context.password_door->IsWorthALine(address)) return;
  context.logger.Warning(
      "sign_in_refused",
      {{"with", shown.kind()}, {"client_address", address.ToText().view()}, {"cause", error.detail}});
}

/// A page whose name has been made to point to this machine is of its own origin to its visitor's browser. It has no
/// token, but a visitor who has the portal and his own time to guess the password with. What was forwarded has been
/// found to come from a trusted proxy, which answers for its hosts.
base::Status CheckHost(const Context& context, const Request& request) {
  const bool good = !context.sign_in_hosts || http::stages::IsForwarded(request.head()) ||
                    context.sign_in_hosts->AreMeantBy(request.head());
  if (good) return {};
  return Fail(
      ErrorCode::kMisdirected,
      "Nobody signs in at the Host \"" + std::string(request.head().host) +
          "\", so that no foreign page can try passwords: ask localhost or 127.0.0.1, or start the portal with a "
          "public_url of that host, or come through one of net.trusted_proxies");
}

}  // namespace

Result<Answer> SignIn(const Context& context, Request& request) {
  if (auto meant = CheckHost(context, request); !meant) return Fail(std::move(meant).error());
  const auto shown = ReadShown(request);
  if (!shown) return Fail(shown.error());
  auto admitted = Check(context, request, *shown);
  if (admitted && !*admitted) admitted = Fail(Refusal(context, request));
  if (!admitted) {
    LogRefusal(context, request, *shown, admitted.error());
    return Fail(std::move(admitted).error());
  }
  const auto& [credential, scopes] = **admitted;
  NoteUse(context, credential, request.now());
  const Sessions::Begun begun =
      context.sessions->Begin(credential, request.http().client_address, request.Header("User-Agent").value_or(""));
  context.logger.Info("signed_in", {{"session", begun.session.id},
                                    {"with", shown->kind()},
                                    {"token", credential.token_id},
                                    {"client_address", request.http().client_address.ToText().view()}});
  Answer answer = CreatedAt("/api/session", WhoAmI(scopes, begun.session));
  answer.Add("Set-Cookie", KeepSessionCookie(request.http().secure, begun.secret));
  return answer;
}

Result<Answer> GetSession(const Context&, Request& request) {
  Answer answer;
  answer.body = WhoAmI(request.identity().scopes, request.session());
  return answer;
}

Result<Answer> SignOut(const Context& context, Request& request) {
  if (!request.session()) return Fail(ErrorCode::kNotFound, "This request has no session: it showed a bearer token");
  context.sessions->End(request.session()->id);
  context.logger.Info("signed_out", {{"session", request.session()->id}});
  Answer answer = NoContent();
  answer.Add("Set-Cookie", DropSessionCookie(request.http().secure));
  return answer;
}

Result<Answer> ListSessions(const Context& context, Request& request) {
  store::Reader& reader = context.database.reader(request.worker());
  const store::Reader::PastBreaker past_breaker(reader);
  base::JsonArray rows;
  for (const Session& session : context.sessions->List()) {
    const auto scopes = ScopesOf(session.credential, reader, request.now());
    if (!scopes) return Fail(scopes.error());
    if (*scopes) {
      rows.Add(Json(session, request.session()));
    } else {
      context.sessions->End(session.id);  // what began it has ended, and nobody has asked since
    }
  }
  return ListOf(rows);
}

Result<Answer> EndSession(const Context& context, Request& request) {
  const std::string& id = request.Path("session");
  if (!context.sessions->End(id)) return Fail(ErrorCode::kNotFound, "Session not found");
  context.logger.Info("session_ended", {{"session", id}, {"by", request.identity().token_id.view()}});
  Answer answer = NoContent();
  if (request.session() && request.session()->id == id) {
    answer.Add("Set-Cookie", DropSessionCookie(request.http().secure));
  }
  return answer;
}

Result<Answer> EndAllSessions(const Context& context, Request& request) {
  context.sessions->EndAll();
  context.logger.Info("all_sessions_ended", {{"by", request.identity().token_id.view()}});
  Answer answer = NoContent();
  if (request.session()) answer.Add("Set-Cookie", DropSessionCookie(request.http().secure));
  return answer;
}

}  // namespace portal::control
