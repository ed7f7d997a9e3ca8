// Single rows and bulk feeds over the control plane's wire; what rows mean is tested in unit/service.

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

#include "base/hex.h"
#include "store/writer.h"
#include "support/raw_client.h"
#include "support/test_portal.h"

namespace portal::testing {
namespace {

using Json = nlohmann::json;

constexpr const char* kContacts = "/api/tenants/acme/contacts/";
constexpr const char* kNew = "00000000-0000-4000-8000-000000000001";
constexpr const char* kMergePatch = "application/merge-patch+json";

struct Ask {
  std::string body{};
  std::string fields{};
  std::string type = "application/json";
  std::string token = "feed_token";
};

class ControlRows : public ::testing::Test {
 protected:
  RawResponse Send(std::string_view method, const std::string& target, const Ask& ask = {}) {
    RawClient client(portal_.control_port());
    std::string text =
        std::string(method) + " " + target + " HTTP/1.1\r\nHost: test\r\nConnection: close\r\n" + ask.fields;
    text += "Authorization: Bearer " + ask.token + "\r\n";
    if (!ask.body.empty()) {
      text += "Content-Type: " + ask.type + "\r\nContent-Length: " + std::to_string(ask.body.size()) + "\r\n";
    }
    client.Send(text + "\r\n" + ask.body);
    RawResponse response = client.ReadResponse(method == "HEAD");
    if (response.Field("Transfer-Encoding") == "chunked") response.body = client.ReadToEnd();
    return response;
  }
  int OnDataPlane(const std::string& target) {
    RawClient client(portal_.port());
    return client.Get(target, "Authorization: Bearer prod_token\r\n").status;
  }
  static std::string IfMatch(const std::string& etag) { return "If-Match: " + etag + "\r\n"; }

  TestPortal portal_;
};

TEST_F(ControlRows, AContactIsMadeReadChangedAndDeleted) {
  const std::string target = std::string(kContacts) + kNew;
  EXPECT_EQ(Send("GET", target).status, 404);
  const RawResponse made = Send("PUT", target, {.body = R"({"name":"Ann","email":"ann@example.com"})"});
  ASSERT_EQ(made.status, 201) << made.body;
  const std::string etag = made.Field("ETag");
  EXPECT_EQ(etag.size(), 34U);
  EXPECT_EQ(made.Field("Cache-Control"), "no-store");
  const RawResponse read = Send("GET", target);
  EXPECT_EQ(read.status, 200);
  EXPECT_EQ(read.body, made.body);
  EXPECT_EQ(read.Field("ETag"), etag);
  EXPECT_EQ(Send("HEAD", target).Field("ETag"), etag);
  EXPECT_EQ(OnDataPlane(std::string("/v1/contacts/") + kNew), 200);

  const RawResponse patched = Send("PATCH", target, {.body = R"({"email":null})", .type = kMergePatch});
  ASSERT_EQ(patched.status, 200) << patched.body;
  EXPECT_EQ(Json::parse(patched.body).at("email"), nullptr);
  EXPECT_NE(patched.Field("ETag"), etag);
  const RawResponse put = Send("PUT", target, {.body = R"({"name":"Anna"})"});
  EXPECT_EQ(put.status, 200);
  const RawResponse gone = Send("DELETE", target);
  EXPECT_EQ(gone.status, 204);
  EXPECT_EQ(gone.body, "");
  EXPECT_EQ(Send("DELETE", target).status, 404);
  EXPECT_EQ(OnDataPlane(std::string("/v1/contacts/") + kNew), 404);
}

TEST_F(ControlRows, ConditionsHoldOrTheAnswerIs412) {
  const std::string target = std::string(kContacts) + kNew;
  const std::string body = R"({"name":"Ann"})";
  EXPECT_EQ(Send("PUT", target, {.body = body, .fields = "If-Match: *\r\n"}).status, 412);
  const RawResponse made = Send("PUT", target, {.body = body, .fields = "If-None-Match: *\r\n"});
  ASSERT_EQ(made.status, 201);
  const std::string etag = made.Field("ETag");
  EXPECT_EQ(Send("PUT", target, {.body = body, .fields = "If-None-Match: *\r\n"}).status, 412);
  EXPECT_EQ(Send("GET", target, {.fields = "If-None-Match: " + etag + "\r\n"}).status, 304);
  EXPECT_EQ(Send("GET", target, {.fields = IfMatch("\"other\"")}).status, 412);
  for (const char* malformed : {"*, \"a\"", "a", ""}) {
    for (const char* method : {"PUT", "PATCH", "DELETE"}) {
      const std::string sent = *method == 'D' ? "" : body;
      const RawResponse refused =
          Send(method, target, {.body = sent, .fields = std::string("If-None-Match: ") + malformed + "\r\n"});
      EXPECT_EQ(refused.status, 400) << method << " " << malformed;
      EXPECT_NE(refused.body.find("If-None-Match must be"), std::string::npos) << refused.body;
    }
  }

  struct Case {
    std::string if_match;
    int status;
  };
  for (const Case& c : {Case{"\"other\"", 412}, Case{"W/" + etag, 412}, Case{"\"x\", " + etag, 200}, Case{"*", 200}}) {
    EXPECT_EQ(Send("PATCH", target, {.body = "{}", .fields = IfMatch(c.if_match), .type = kMergePatch}).status,
              c.status)
        << c.if_match;
  }
  EXPECT_EQ(Send("DELETE", target, {.fields = IfMatch("\"other\"")}).status, 412);
  EXPECT_EQ(Send("DELETE", target, {.fields = IfMatch(etag)}).status, 204);
  EXPECT_EQ(Send("DELETE", target, {.fields = IfMatch(etag)}).status, 404);
}

TEST_F(ControlRows, ClientsWhoPatchAtOnceLoseNoUpdate) {
  const std::string target = std::string(kContacts) + kNew;
  ASSERT_EQ(Send("PUT", target, {.body = R"({"name":"0"})"}).status, 201);
  constexpr int kClients = 3;
  constexpr int kEach = 15;
  const auto add_one = [&] {
    for (int done = 0; done < kEach;) {
      const RawResponse seen = Send("GET", target);
      const int number = std::stoi(Json::parse(seen.body).at("name").get<std::string>());
      const RawResponse patched = Send("PATCH", target,
                                       {.body = R"({"name":")" + std::to_string(number + 1) + "\"}",
                                        .fields = IfMatch(seen.Field("ETag")),
                                        .type = kMergePatch});
      ASSERT_TRUE(patched.status == 200 || patched.status == 412) << patched.body;
      if (patched.status == 200) ++done;
    }
  };
  std::vector<std::thread> clients;
  for (int i = 0; i < kClients; ++i) clients.emplace_back(add_one);
  for (std::thread& client : clients) client.join();
  EXPECT_EQ(Json::parse(Send("GET", target).body).at("name"), std::to_string(kClients * kEach));
}

TEST_F(ControlRows, WhatIsWrongIsToldByField) {
  struct Case {
    std::string method, target, body, type;
    int status;
    std::string says;
  };
  const std::string contact = std::string(kContacts) + kNew;
  const std::string json = "application/json";
  for (const Case& c : {
           Case{"PUT", contact, R"({"name":"A","emial":"x"})", json, 400, R"("parameter":"emial")"},
           Case{"PUT", contact, R"({"email":"x"})", json, 400, R"("parameter":"name")"},
           Case{"PUT", contact, R"([])", json, 400, "must be one JSON object"},
           Case{"PUT", contact, R"({"name":"A"})", "text/plain", 415, ""},
           Case{"PUT", contact, R"({"name":"A"})", kMergePatch, 415, ""},
           Case{"PUT", std::string(kContacts) + "x", R"({"name":"A"})", json, 400, R"("parameter":"id")"},
           Case{"PUT", "/api/tenants/acme/jobs/x", R"({"title":"A","status":"pending"})", json, 400, "is no job's id"},
           Case{"PATCH", contact, "{}", kMergePatch, 404, "Contact not found"},
           Case{"PATCH", contact, R"({"emial":null})", kMergePatch, 400, R"("parameter":"emial")"},
           Case{"PUT", "/api/tenants/acme/jobs/job_none/files/file_1",
                R"({"name":"a","sha256":")" + std::string(64, '0') + "\"}", json, 400, R"("parameter":"sha256")"},
           Case{"DELETE", "/api/tenants/acme/jobs/job_none", "", json, 404, "Job not found"},
           Case{"DELETE", "/api/tenants/acme/jobs/job_none/files/file_1", "", json, 404, "File not found"},
           Case{"PUT", "/api/tenants/globex/contacts/" + std::string(kNew), R"({"name":"A"})", json, 404, ""},
           Case{"PUT", contact, "{\"name\":\"" + std::string(1 << 20, 'x') + "\"}", json, 413, ""},
       }) {
    const RawResponse answer = Send(c.method, c.target, {.body = c.body, .type = c.type});
    EXPECT_EQ(answer.status, c.status) << c.method << " " << c.target << " " << c.body.substr(0, 80);
    EXPECT_NE(answer.body.find(c.says), std::string::npos) << answer.body;
    EXPECT_EQ(answer.Field("Content-Type"), "application/problem+json");
  }
}

TEST_F(ControlRows, AJobGoesWithItsFiles) {
  model::ContentHash sha256{};
  sha256.fill(0xAB);
  ASSERT_TRUE(portal_.database().writer().Write(
      [&](store::WriteTransaction& transaction) { return transaction.HoldBlob(portal_.acme(), sha256, 10); }));
  const std::string job = "/api/tenants/acme/jobs/job_new";
  ASSERT_EQ(Send("PUT", job, {.body = R"({"title":"Roof","status":"pending"})"}).status, 201);
  const std::string file = job + "/files/file_1";
  const RawResponse made =
      Send("PUT", file,
           {.body = R"({"name":"plan.pdf","content_type":"application/pdf","sha256":")" + base::ToHex(sha256) + "\"}"});
  ASSERT_EQ(made.status, 201) << made.body;
  EXPECT_EQ(Json::parse(made.body).at("size"), 10);
  EXPECT_EQ(Json::parse(made.body).at("kind"), "document");
  EXPECT_EQ(Send("GET", file).body, made.body);
  const RawResponse taken =
      Send("PUT", job + "/files/file_2", {.body = R"({"name":"plan.pdf","sha256":")" + base::ToHex(sha256) + "\"}"});
  EXPECT_EQ(taken.status, 409) << taken.body;
  EXPECT_EQ(Send("PATCH", file, {.body = R"({"name":"roof.pdf"})", .type = kMergePatch}).status, 200);
  EXPECT_EQ(OnDataPlane("/v1/jobs/job_new/files/file_1"), 200);
  EXPECT_EQ(Send("DELETE", job).status, 204);
  EXPECT_EQ(Send("GET", file).status, 404);
}

TEST_F(ControlRows, AFeedAnswersARowALine) {
  const std::string target = "/api/tenants/acme/contacts/bulk";
  const std::string body = "id,name\n" + std::string(kNew) + ",Ann\nx,Bob\n";
  const RawResponse fed = Send("POST", target, {.body = body, .fields = "Idempotency-Key: k\r\n", .type = "text/csv"});
  ASSERT_EQ(fed.status, 200) << fed.body;
  EXPECT_EQ(fed.Field("Content-Type"), "application/x-ndjson");
  EXPECT_EQ(fed.Field("Transfer-Encoding"), "chunked");
  EXPECT_NE(fed.body.find(R"({"line":2,"id":")" + std::string(kNew) + R"(","outcome":"inserted"})"), std::string::npos)
      << fed.body;
  EXPECT_NE(fed.body.find(R"("rejected":1,"replayed":0,"complete":true)"), std::string::npos) << fed.body;
  const RawResponse other =
      Send("POST", target, {.body = body + "y,Z\n", .fields = "Idempotency-Key: k\r\n", .type = "text/csv"});
  EXPECT_EQ(other.status, 409) << other.body;
  const RawResponse twice = Send(
      "POST", target, {.body = body, .fields = "Idempotency-Key: k\r\nIdempotency-Key: l\r\n", .type = "text/csv"});
  EXPECT_EQ(twice.status, 400) << twice.body;
  EXPECT_EQ(Send("POST", target, {.body = body, .type = "text/csv", .token = "prod_token"}).status, 403);
}

TEST_F(ControlRows, AFeedOfWhichNoRowCanBeReadIsRefusedBeforeItsAnswerBegins) {
  struct Case {
    std::string body, type, query, says;
  };
  const std::string csv = "text/csv";
  for (const Case& c : {Case{"id,emial\n", csv, "", "Line 1, character 4: there is no column \\\"emial\\\""},
                        Case{"email\n", csv, "", "the column \\\"id\\\" is missing"},
                        Case{"name\n", csv, "?operation=delete", "the column \\\"id\\\" is missing"},
                        Case{"id;name\n", csv, "", "must be separated by commas"}, Case{"\xFF\xFEi", csv, "", "UTF-16"},
                        Case{"\xFE\xFF{", "application/x-ndjson", "", "UTF-16"}}) {
    const RawResponse refused =
        Send("POST", "/api/tenants/acme/contacts/bulk" + c.query, {.body = c.body, .type = c.type});
    EXPECT_EQ(refused.status, 400) << c.says;
    EXPECT_NE(refused.body.find("VALIDATION_ERROR"), std::string::npos) << refused.body;
    EXPECT_NE(refused.body.find(c.says), std::string::npos) << refused.body;
  }
}

}  // namespace
}  // namespace portal::testing
