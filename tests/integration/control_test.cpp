#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "control/routes.h"
#include "support/raw_client.h"
#include "support/test_portal.h"

namespace portal::testing {
namespace {

using control::Needs;
using Json = nlohmann::json;

constexpr std::string_view kAdmin = "admin_token";
constexpr std::string_view kReader = "prod_token";  // of acme
constexpr std::string_view kFeed = "feed_token";    // of acme, may write
constexpr std::string_view kOther = "different_tenant_token";

struct Ask {
  std::string_view token = kAdmin;
  std::string body{};
  std::string fields{};
  std::string type = "application/json";
};

class Control : public ::testing::Test {
 protected:
  RawResponse Send(std::string_view method, const std::string& target, const Ask& ask = {}) {
    RawClient client(portal_.control_port());
    std::string text =
        std::string(method) + " " + target + " HTTP/1.1\r\nHost: test\r\nConnection: close\r\n" + ask.fields;
    if (!ask.token.empty()) text += "Authorization: Bearer " + std::string(ask.token) + "\r\n";
    if (!ask.body.empty()) {
      text += "Content-Type: " + ask.type + "\r\nContent-Length: " + std::to_string(ask.body.size()) + "\r\n";
    }
    client.Send(text + "\r\n" + ask.body);
    return client.ReadResponse(method == "HEAD");
  }

  Json Get(const std::string& target) {
    const RawResponse answer = Send("GET", target);
    EXPECT_EQ(answer.status, 200) << answer.body;
    return Json::parse(answer.body);
  }

  int StatusOnDataPlane(std::string_view token) {
    RawClient client(portal_.port());
    return client.Get("/v1/contacts?limit=1", "Authorization: Bearer " + std::string(token) + "\r\n").status;
  }

  /// A token of an operator who may see metrics and nothing else.
  std::string MetricsToken() {
    const RawResponse made = Send("POST", "/api/tokens", {.body = R"({"scopes":["metrics"]})"});
    EXPECT_EQ(made.status, 201) << made.body;
    return Json::parse(made.body).at("token");
  }

  TestPortal portal_;
};

/// The pattern with `tenant` and with ids of nothing.
std::string Fill(std::string_view pattern, std::string_view tenant) {
  std::string target;
  for (std::size_t at = 0; at < pattern.size();) {
    if (pattern[at] != '{') {
      target += pattern[at++];
      continue;
    }
    const std::size_t end = pattern.find('}', at);
    target += pattern.substr(at, end - at + 1) == "{tenant}" ? tenant : "nothing";
    at = end + 1;
  }
  return target;
}

enum class Gets { kThrough, k401, k403, k404 };

/// What a token of such scopes gets on a route of its own tenant, if the route has one.
Gets Expected(Needs needs, std::string_view scopes) {
  const bool admin = scopes == "admin";
  switch (needs) {
    case Needs::kNothing:
      return Gets::kThrough;
    case Needs::kAnyToken:
      return scopes.empty() ? Gets::k401 : Gets::kThrough;
    case Needs::kRead:
      return scopes.empty() ? Gets::k401 : admin || scopes.starts_with("read") ? Gets::kThrough : Gets::k403;
    case Needs::kWrite:
      return scopes.empty() ? Gets::k401 : admin || scopes == "read,write" ? Gets::kThrough : Gets::k403;
    case Needs::kAdmin:
      return scopes.empty() ? Gets::k401 : admin ? Gets::kThrough : Gets::k403;
    case Needs::kMetrics:
      return scopes.empty() ? Gets::k401 : admin || scopes == "metrics" ? Gets::kThrough : Gets::k403;
  }
  return Gets::kThrough;
}

/// A HEAD does not say which part of its path does not exist.
Gets Got(const RawResponse& answer) {
  if (answer.status == 401) return Gets::k401;
  if (answer.status == 403) return Gets::k403;
  const bool no_tenant = answer.body.empty() || answer.body.find("Tenant not found") != std::string::npos;
  return answer.status == 404 && no_tenant ? Gets::k404 : Gets::kThrough;
}

TEST_F(Control, LetsEachTokenThroughToItsOwnRoutesAndTenantAlone) {
  struct Caller {
    std::string token;
    std::string scopes;
    bool of_acme;
    bool is_operator;
  };
  const Caller callers[] = {
      {"", "", false, false},
      {"wrong", "", false, false},
      {std::string(kReader), "read", true, false},
      {std::string(kFeed), "read,write", true, false},
      {std::string(kOther), "read", false, false},
      {MetricsToken(), "metrics", false, true},
      {std::string(kAdmin), "admin", false, true},
  };
  for (const Caller& caller : callers) {
    for (const control::Route& route : control::RouteTable()) {
      const std::string method(http::ToText(route.method));
      const bool has_tenant = route.pattern.find("{tenant}") != std::string_view::npos;
      for (const std::string_view tenant : {"acme", "nobody"}) {
        // What would change something for those that follow.
        const bool harms = route.method == http::Method::kDelete && route.pattern == "/api/tenants/{tenant}";
        if (caller.scopes == "admin" && harms && tenant == "acme") continue;
        Gets expected = Expected(route.needs, caller.scopes);
        const bool may_know = caller.is_operator || (caller.of_acme && tenant == "acme");
        if (has_tenant && !caller.scopes.empty() && !may_know) expected = Gets::k404;
        if (has_tenant && tenant == "nobody" && expected == Gets::kThrough) expected = Gets::k404;
        const std::string target = Fill(route.pattern, tenant);
        const RawResponse answer = Send(method, target, {.token = caller.token});
        EXPECT_EQ(Got(answer), expected) << method << " " << target << " as '" << caller.scopes
                                         << "': " << answer.status << " " << answer.body;
        if (answer.status == 401) {
          EXPECT_NE(answer.Field("WWW-Authenticate").find("Bearer realm=\"portal\""), std::string::npos);
        }
        EXPECT_EQ(answer.Field("Cache-Control"), "no-store") << target;
      }
    }
  }
}

TEST_F(Control, NamesTheScopeThatIsMissing) {
  const RawResponse answer = Send("PUT", "/api/tenants/acme/contacts/nothing", {.token = kReader, .body = "{}"});
  EXPECT_EQ(answer.status, 403);
  EXPECT_NE(answer.body.find("This needs a token with the scope write; this one has read"), std::string::npos)
      << answer.body;
}

TEST_F(Control, AnOperatorsTokenIsNotForTheDataPlane) {
  EXPECT_EQ(StatusOnDataPlane(kAdmin), 403);
  EXPECT_EQ(StatusOnDataPlane(kFeed), 200);
  RawClient client(portal_.port());
  EXPECT_EQ(client.Get("/v1/health", "Authorization: Bearer admin_token\r\n").status, 200);
}

TEST_F(Control, MakesChangesAndDeletesTenants) {
  const RawResponse made = Send("POST", "/api/tenants", {.body = R"({"slug":"initech","name":"Initech"})"});
  ASSERT_EQ(made.status, 201) << made.body;
  EXPECT_EQ(made.Field("Location"), "/api/tenants/initech");
  const Json tenant = Json::parse(made.body);
  EXPECT_EQ(tenant.at("bucket"), "portal-files-initech");
  EXPECT_EQ(tenant.at("quota_bytes"), nullptr);
  EXPECT_EQ(Get("/api/tenants/initech"), tenant);
  EXPECT_EQ(Get("/api/tenants").at("data").size(), 3U);

  struct Change {
    std::string patch;
    std::string member;
    Json value;
  };
  const Change changes[] = {{R"({"name":"Initech Ltd"})", "name", "Initech Ltd"},
                            {R"({"quota_bytes":1000})", "quota_bytes", 1000},
                            {R"({"suspended":true})", "suspended", true},
                            {R"({"suspended":false})", "suspended", false},
                            {R"({"quota_bytes":null})", "quota_bytes", nullptr}};
  for (const Change& change : changes) {
    const RawResponse answer =
        Send("PATCH", "/api/tenants/initech", {.body = change.patch, .type = "application/merge-patch+json"});
    ASSERT_EQ(answer.status, 200) << answer.body;
    EXPECT_EQ(Json::parse(answer.body).at(change.member), change.value);
    EXPECT_EQ(Get("/api/tenants/initech").at(change.member), change.value);
  }
  EXPECT_EQ(Send("DELETE", "/api/tenants/initech").status, 204);
  EXPECT_EQ(Send("GET", "/api/tenants/initech").status, 404);
  EXPECT_EQ(Get("/api/tenants").at("data").size(), 2U);
}

TEST_F(Control, RefusesWhatIsWrongAndNamesIt) {
  struct Case {
    std::string method;
    std::string target;
    Ask ask;
    int status;
    std::string says;
  };
  const Case cases[] = {
      {"POST", "/api/tenants", {.body = "{}"}, 400, R"({"parameter":"slug","detail":"Is missing"})"},
      {"POST", "/api/tenants", {.body = R"({"slug":"A"})"}, 400, R"("parameter":"slug")"},
      {"POST", "/api/tenants", {.body = R"({"slug":"acme"})"}, 409, "acme"},
      {"POST", "/api/tenants", {.body = R"({"slug":"a","colour":1})"}, 400, R"("parameter":"colour")"},
      {"POST", "/api/tenants", {.body = R"({"slug":"a","quota_bytes":-1})"}, 400, R"("parameter":"quota_bytes")"},
      {"POST",
       "/api/tenants",
       {.body = "slug=a", .type = "application/x-www-form-urlencoded"},
       415,
       "application/json"},
      {"POST", "/api/tenants", {.body = "not JSON"}, 400, "not valid JSON"},
      {"POST",
       "/api/tokens",
       {.body = R"({"scopes":["metrics"],"expires_in":"9000000d"})"},
       400,
       R"({"parameter":"expires_in","detail":"Is \"9000000d\"; must be a duration, one from 1ms to 36500d)"},
      {"POST", "/api/tokens", {.body = R"({"scopes":["admin,metrics"]})"}, 400, R"("parameter":"scopes")"},
      {"POST", "/api/tenants", {.fields = "Content-Type: application/json\r\n"}, 411, "Content-Length"},
      {"POST", "/api/tenants?dry=1", {.body = "{}"}, 400, R"("parameter":"dry")"},
      {"GET", "/api/tenants?a=%zz", {}, 400, "does not decode"},
      {"PATCH", "/api/tenants/acme", {.body = R"({"slug":"other"})"}, 400, R"("parameter":"slug")"},
      {"PUT", "/api/tenants/acme", {.body = "{}"}, 405, "GET, HEAD, PATCH, DELETE"},
      {"GET", "/api/nothing", {}, 404, "no such resource"},
      {"GET", "/api/tenants/%7E1", {}, 404, "Tenant not found"},
      {"POST", "/api/tenants/acme/clients", {.body = "{}"}, 400, R"("parameter":"id")"},
      {"POST", "/api/tenants/acme/clients", {.body = R"({"id":"client_prod"})"}, 409, "client_prod"},
      {"PATCH",
       "/api/tenants/acme/clients/client_prod",
       {.body = R"({"revoked":false})"},
       400,
       R"("parameter":"revoked")"},
      {"PATCH", "/api/tenants/acme/clients/nobody", {.body = R"({"revoked":true})"}, 404, "lient"},
      {"DELETE", "/api/tenants/acme/clients/nobody", {}, 404, "lient"},
      {"POST", "/api/tenants/acme/tokens", {.body = "{}"}, 400, R"("parameter":"client")"},
      {"POST", "/api/tenants/acme/tokens", {.body = R"({"client":"nobody"})"}, 404, "Client not found"},
      {"POST",
       "/api/tenants/acme/tokens",
       {.body = R"({"client":"client_prod","scopes":["admin"]})"},
       400,
       R"("parameter":"scopes")"},
      {"POST",
       "/api/tenants/acme/tokens",
       {.body = R"({"client":"client_prod","scopes":[]})"},
       400,
       R"("parameter":"scopes")"},
      {"POST",
       "/api/tenants/acme/tokens",
       {.body = R"({"client":"client_prod","scopes":["read","write","read"]})"},
       400,
       R"({"parameter":"scopes","detail":"\"read\" is there more than once: name each scope once"})"},
      {"POST",
       "/api/tenants/acme/tokens",
       {.body = R"({"client":"client_prod","expires_in":"1h","expires_at":"2030-01-01T00:00:00Z"})"},
       400,
       R"("parameter":"expires_in")"},
      {"DELETE", "/api/tenants/acme/tokens/tok_nothing", {}, 404, "oken"},
      {"POST", "/api/tokens", {.body = "{}"}, 400, R"("parameter":"scopes")"},
      {"POST", "/api/tokens", {.body = R"({"scopes":["write"]})"}, 400, R"("parameter":"scopes")"},
      {"POST", "/api/tokens", {.body = R"({"scopes":["admin","admin"]})"}, 400, R"(\"admin\" is there more than once)"},
      {"DELETE", "/api/tokens/tok_nothing", {}, 404, "oken"},
      {"GET", "/livez", {.fields = "X-Forwarded-For: 203.0.113.7\r\n"}, 403, "forwarded"},
      {"GET", "/api/tenants", {.fields = "Forwarded: for=203.0.113.7\r\n"}, 403, "forwarded"},
      {"GET", "/api/tenants", {.fields = "x-forwarded-host: portal.example.com\r\n"}, 403, "forwarded"},
  };
  for (const Case& c : cases) {
    const RawResponse answer = Send(c.method, c.target, c.ask);
    EXPECT_EQ(answer.status, c.status) << c.method << " " << c.target << " " << c.ask.body << ": " << answer.body;
    EXPECT_EQ(answer.Field("Content-Type"), "application/problem+json") << c.target;
    const std::string where = answer.body + answer.Field("Allow");
    EXPECT_NE(where.find(c.says), std::string::npos) << c.target << ": " << where;
  }
  EXPECT_EQ(Get("/api/tenants").at("data").size(), 2U);
}

TEST_F(Control, ATokenIsShownOnceWorksAndEndsAtOnce) {
  const RawResponse client = Send("POST", "/api/tenants/acme/clients", {.body = R"({"id":"crm","name":"The CRM"})"});
  ASSERT_EQ(client.status, 201) << client.body;
  const RawResponse made =
      Send("POST", "/api/tenants/acme/tokens",
           {.body = R"({"client":"crm","label":"nightly","scopes":["read","write"],"expires_in":"1d"})"});
  ASSERT_EQ(made.status, 201) << made.body;
  const Json token = Json::parse(made.body);
  const std::string secret = token.at("token");
  EXPECT_EQ(token.at("scopes"), Json::parse(R"(["read","write"])"));
  EXPECT_EQ(StatusOnDataPlane(secret), 200);
  EXPECT_EQ(Send("GET", "/api/tenants/acme", {.token = secret}).status, 200);

  bool listed = false;
  const Json tokens = Get("/api/tenants/acme/tokens");
  for (const Json& row : tokens.at("data")) {
    EXPECT_FALSE(row.contains("token"));
    listed |= row.at("id") == token.at("id") && row.at("label") == "nightly" && row.at("revoked_at").is_null();
  }
  EXPECT_TRUE(listed);

  EXPECT_EQ(Send("DELETE", made.Field("Location")).status, 204);
  EXPECT_EQ(StatusOnDataPlane(secret), 401);
  EXPECT_EQ(Send("GET", "/api/tenants/acme", {.token = secret}).status, 401);
}

TEST_F(Control, ARevokedClientASuspendedTenantAndADeletedOneKeepNobodyIn) {
  const auto token_of = [&](const std::string& tenant, const std::string& client) -> std::string {
    const std::string base = "/api/tenants/" + tenant;
    EXPECT_EQ(Send("POST", base + "/clients", {.body = Json{{"id", client}}.dump()}).status, 201);
    return Json::parse(Send("POST", base + "/tokens", {.body = Json{{"client", client}}.dump()}).body).at("token");
  };
  const std::string revoked = token_of("acme", "one");
  EXPECT_EQ(Send("PATCH", "/api/tenants/acme/clients/one", {.body = R"({"revoked":true})"}).status, 200);
  EXPECT_EQ(StatusOnDataPlane(revoked), 401);
  const std::string deleted = token_of("acme", "two");
  EXPECT_EQ(Send("DELETE", "/api/tenants/acme/clients/two").status, 204);
  EXPECT_EQ(StatusOnDataPlane(deleted), 401);

  EXPECT_EQ(Send("PATCH", "/api/tenants/globex", {.body = R"({"suspended":true})"}).status, 200);
  EXPECT_EQ(StatusOnDataPlane(kOther), 401);
  EXPECT_EQ(Send("GET", "/api/tenants/globex", {.token = kOther}).status, 401);
  EXPECT_EQ(Send("GET", "/api/tenants/globex").status, 200) << "operators still get through";
  EXPECT_EQ(Send("PATCH", "/api/tenants/globex", {.body = R"({"suspended":false})"}).status, 200);
  EXPECT_EQ(StatusOnDataPlane(kOther), 200);
  EXPECT_EQ(Send("DELETE", "/api/tenants/globex").status, 204);
  EXPECT_EQ(StatusOnDataPlane(kOther), 401);
}

TEST_F(Control, ATenantWhoseImportHasNotEndedStaysSuspended) {
  const auto change = [&](const model::TenantChange& wanted) {
    EXPECT_TRUE(portal_.database().writer().Write(
        [&](store::WriteTransaction& transaction) { return transaction.ChangeTenant(portal_.acme(), wanted); }));
  };
  change({.suspended = true, .importing = true});
  const RawResponse refused = Send("PATCH", "/api/tenants/acme", {.body = R"({"suspended":false})"});
  EXPECT_EQ(refused.status, 409);
  EXPECT_NE(refused.body.find("import has not come to its end"), std::string::npos) << refused.body;
  EXPECT_EQ(Get("/api/tenants/acme").at("suspended"), true);
  EXPECT_EQ(Send("PATCH", "/api/tenants/acme", {.body = R"({"name":"Acme & Sons"})"}).status, 200);

  change({.importing = false});
  EXPECT_EQ(Send("PATCH", "/api/tenants/acme", {.body = R"({"suspended":false})"}).status, 200);
}

TEST_F(Control, TellsHowThePortalIsDoing) {
  const Json status = Get("/api/status");
  EXPECT_EQ(status.at("ready"), true);
  EXPECT_EQ(status.at("store").at("readable"), true);
  EXPECT_EQ(status.at("tenants").at("count"), 2);
  EXPECT_EQ(status.at("keys").size(), 1U);
  EXPECT_EQ(status.at("certificate"), nullptr);
  EXPECT_EQ(status.at("last_backup"), nullptr);
  EXPECT_GE(status.at("uptime_seconds"), 0);
  EXPECT_EQ(Send("GET", "/api/status", {.token = MetricsToken()}).status, 200);
}

TEST_F(Control, KeepsTheIdsThatACallerGives) {
  const RawResponse answer =
      Send("GET", "/livez", {.token = "", .fields = "X-Request-Id: my-id\r\nX-Trace-Id: my-trace\r\n"});
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.Field("X-Request-Id"), "my-id");
  EXPECT_EQ(answer.Field("X-Trace-Id"), "my-trace");
}

}  // namespace
}  // namespace portal::testing
