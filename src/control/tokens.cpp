#include "service/tokens.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "base/json_object.h"
#include "control/handlers.h"
#include "control/json_answers.h"
#include "control/json_fields.h"
#include "service/shown_text.h"
#include "store/reader.h"
#include "store/writer.h"

namespace portal::control {

namespace {

using base::Fail;

std::string ClientOf(const model::Token& token) { return token.client.value(); }
std::string ClientOf(const model::OperatorToken&) { return {}; }

/// `secret` is shown once: with the answer that created the token.
template <typename Token>
std::string Json(const Token& token, std::string_view secret = {}) {
  base::JsonObject json;
  json.Text("id", token.id);
  if (!secret.empty()) json.Text("token", secret);
  if (const std::string client = ClientOf(token); !client.empty()) json.Text("client", client);
  json.Text("label", token.label).Json("scopes", ScopesJson(token.scopes));
  json.Time("created_at", token.created_at).Time("expires_at", token.expires_at);
  return json.Time("revoked_at", token.revoked_at).Time("last_used_at", token.last_used_at).Done();
}

template <typename Token>
Answer Json(const std::vector<Token>& tokens) {
  base::JsonArray rows;
  for (const Token& token : tokens) rows.Add(Json(token));
  return ListOf(rows);
}

/// `scopes` as a list of names, each one of `allowed` and none twice.
std::optional<model::Scopes> ReadScopes(JsonFields& fields, model::Scopes allowed) {
  const auto names = fields.Texts("scopes");
  if (!names) return std::nullopt;
  model::Scopes scopes;
  for (const std::string& name : *names) {
    const auto* const known =
        std::ranges::find(model::kScopeNames, name, [](const auto& named) { return named.first; });
    if (known == model::kScopeNames.end() || !known->second.Within(allowed)) {
      fields.Refuse("scopes", service::Quoted(name) + " is none that this token may have: use some of " +
                                  model::ToText(allowed) + ", each a text of its own");
      return std::nullopt;
    }
    if (scopes.Has(known->second)) {
      fields.Refuse("scopes", service::Quoted(name) + " is there more than once: name each scope once");
      return std::nullopt;
    }
    scopes = scopes | known->second;
  }
  if (scopes.empty()) fields.Refuse("scopes", "Name at least one of " + model::ToText(allowed));
  return scopes;
}

/// What both kinds of tokens may be given.
service::TokenWish ReadWish(JsonFields& fields, model::Scopes allowed, std::optional<model::Scopes> usual,
                            base::WallTime now) {
  service::TokenWish wish;
  wish.label = fields.Text("label").value_or("");
  const auto scopes = ReadScopes(fields, allowed);
  if (!usual) fields.Require("scopes");
  wish.scopes = scopes.value_or(usual.value_or(allowed));
  wish.expires_at = fields.Time("expires_at");
  const auto life_text = fields.Text("expires_in");
  if (!life_text) return wish;
  if (fields.Has("expires_at")) fields.Refuse("expires_in", "Given together with expires_at; use one of the two");
  const auto life = service::ParseTokenLife(*life_text);
  if (!life) {
    fields.Refuse("expires_in", "Is " + service::Quoted(*life_text) + "; must be a duration, " +
                                    std::string(service::kTokenLifeForm));
    return wish;
  }
  wish.expires_at = now + *life;
  return wish;
}

}  // namespace

Result<Answer> ListTokens(const Context& context, Request& request) {
  const auto tokens = context.database.reader(request.worker()).tenants.Tokens(request.tenant());
  if (!tokens) return Fail(tokens.error());
  return Json(*tokens);
}

Result<Answer> CreateToken(const Context& context, Request& request) {
  auto fields = JsonFields::Read(request);
  if (!fields) return Fail(std::move(fields).error());
  const base::ClientId client(fields->Text("client").value_or(""));
  fields->Require("client");
  service::TokenWish wish = ReadWish(*fields, model::kClientScopes, model::kReadScope, request.now());
  if (auto valid = fields->Finish(); !valid) return Fail(std::move(valid).error());
  const auto issued =
      service::IssueClientToken(context.database.writer(), request.tenant(), client, std::move(wish), request.now());
  if (!issued) return Fail(AsFieldError(issued.error()));
  return CreatedAt("/api/tenants/" + request.tenant_row().slug + "/tokens/" + issued->token.id,
                   Json(issued->token, issued->secret));
}

Result<Answer> RevokeToken(const Context& context, Request& request) {
  const auto written = context.database.writer().Write([&](store::WriteTransaction& transaction) {
    return transaction.RevokeToken(request.tenant(), request.Path("token"));
  });
  if (!written) return Fail(written.error());
  return NoContent();
}

Result<Answer> ListOperatorTokens(const Context& context, Request& request) {
  const auto tokens = context.database.reader(request.worker()).tenants.OperatorTokens();
  if (!tokens) return Fail(tokens.error());
  return Json(*tokens);
}

Result<Answer> CreateOperatorToken(const Context& context, Request& request) {
  auto fields = JsonFields::Read(request);
  if (!fields) return Fail(std::move(fields).error());
  service::TokenWish wish = ReadWish(*fields, model::kOperatorScopes, std::nullopt, request.now());
  if (auto valid = fields->Finish(); !valid) return Fail(std::move(valid).error());
  const auto issued = service::IssueOperatorToken(context.database.writer(), std::move(wish), request.now());
  if (!issued) return Fail(AsFieldError(issued.error()));
  return CreatedAt("/api/tokens/" + issued->token.id, Json(issued->token, issued->secret));
}

Result<Answer> RevokeOperatorToken(const Context& context, Request& request) {
  const auto written = context.database.writer().Write(
      [&](store::WriteTransaction& transaction) { return transaction.RevokeOperatorToken(request.Path("token")); });
  if (!written) return Fail(written.error());
  return NoContent();
}

}  // namespace portal::control
