#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

#include "base/hex.h"
#include "crypto/hash.h"
#include "http/repr_digest.h"
#include "store/writer.h"
#include "support/raw_client.h"
#include "support/test_portal.h"

namespace portal::testing {
namespace {

using Json = nlohmann::json;

class Uploads : public ::testing::Test {
 protected:
  static std::string Head(const std::string& line, const std::string& fields, std::string_view token) {
    return line + " HTTP/1.1\r\nHost: test\r\nAuthorization: Bearer " + std::string(token) + "\r\n" + fields + "\r\n";
  }
  static std::string Length(const std::string& body) {
    return "Content-Length: " + std::to_string(body.size()) + "\r\n";
  }
  static std::string BlobPath(const std::string& body) {
    return "/api/tenants/acme/blobs/" + base::ToHex(crypto::Sha256(body));
  }
  RawResponse Send(const std::string& line, const std::string& body = {}, std::string_view token = "feed_token") {
    RawClient client(portal_.control_port());
    client.Send(Head(line, Length(body), token) + body);
    return client.ReadResponse(line.starts_with("HEAD"));
  }
  RawResponse Put(const std::string& body) { return Send("PUT " + BlobPath(body), body); }
  Json TenantRow() { return Json::parse(Send("GET /api/tenants/acme", {}, "admin_token").body); }
  void SetQuota(std::int64_t bytes) {
    const std::string patch = R"({"quota_bytes":)" + std::to_string(bytes) + "}";
    RawClient client(portal_.control_port());
    client.Send(Head("PATCH /api/tenants/acme", "Content-Type: application/json\r\n" + Length(patch), "admin_token") +
                patch);
    const RawResponse answer = client.ReadResponse();
    ASSERT_EQ(answer.status, 200) << answer.body;
    EXPECT_EQ(Json::parse(answer.body)["quota_bytes"], bytes);
  }
  int Find(const std::string& body) { return Send("HEAD " + BlobPath(body)).status; }

  TestPortal portal_;
};

TEST_F(Uploads, OfTheSameBytesAtOnceAllSucceedAndOneIsTheFirst) {
  const std::string body(400'000, 'b');
  std::vector<int> statuses(6);
  {
    std::vector<std::jthread> clients;
    for (int& status : statuses) clients.emplace_back([&] { status = Put(body).status; });
  }
  EXPECT_EQ(std::ranges::count(statuses, 201), 1);
  EXPECT_EQ(std::ranges::count(statuses, 200), 5);
}

TEST_F(Uploads, AreNotToBeSeenBeforeTheirLastByte) {
  const std::string body(100'000, 'c');
  RawClient client(portal_.control_port());
  client.Send(Head("PUT " + BlobPath(body), Length(body), "feed_token"));
  client.Send(body.substr(1));
  EXPECT_EQ(Find(body), 404);
  client.Send(body.substr(0, 1));
  EXPECT_EQ(client.ReadResponse().status, 201);
  EXPECT_EQ(Find(body), 200);
}

TEST_F(Uploads, ThatEndEarlyAreRefusedAndLeaveNothing) {
  const std::string body(100'000, 'd');
  RawClient client(portal_.control_port());
  client.Send(Head("PUT " + BlobPath(body), Length(body), "feed_token"));
  client.Send(body.substr(1));
  client.FinishSending();
  EXPECT_EQ(client.ReadResponse().status, 400);
  EXPECT_EQ(Find(body), 404);
}

TEST_F(Uploads, ThatAreRefusedDoNotPassTheirBodyOffAsARequest) {
  const std::string smuggled = Head("DELETE /api/tenants/acme/jobs/job_prod_test", "", "feed_token");
  RawClient client(portal_.control_port());
  client.Send(Head("PUT /api/tenants/acme/blobs/nohash", Length(smuggled), "feed_token") + smuggled);
  EXPECT_EQ(client.ReadResponse().status, 400);
  EXPECT_EQ(Send("GET /api/tenants/acme/jobs/job_prod_test").status, 200);
}

TEST_F(Uploads, OfFilesReplaceTheirBytesAndKeepTheRow) {
  const std::string target = "/api/tenants/acme/jobs/job_prod_test/files/file_up/content?name=note.txt";
  const RawResponse first = Send("PUT " + target, "first version\n");
  ASSERT_EQ(first.status, 201) << first.body;
  const RawResponse second = Send("PUT " + target, "second version\n");
  ASSERT_EQ(second.status, 200) << second.body;
  const Json before = Json::parse(first.body);
  const Json after = Json::parse(second.body);
  EXPECT_EQ(after["size"], 15);
  EXPECT_EQ(after["content_type"], "text/plain; charset=utf-8");
  EXPECT_EQ(after["created_at"], before["created_at"]);
  EXPECT_NE(first.Field("ETag"), second.Field("ETag"));
  const RawResponse taken =
      Send("PUT /api/tenants/acme/jobs/job_prod_test/files/file_other/content?name=note.txt", "a third");
  EXPECT_EQ(taken.status, 409) << taken.body;
}

TEST_F(Uploads, OfWhatIsThereNeedNoRoom) {
  const std::string row = "PUT /api/tenants/acme/jobs/job_prod_test/files/file_full/content?name=full.txt";
  const std::string other = "PUT /api/tenants/acme/jobs/job_prod_test/files/file_more/content?name=more.txt";
  const std::string body(4'000, 'f');
  ASSERT_EQ(Send(row, body).status, 201);
  const std::int64_t used = TenantRow()["blob_bytes"];
  SetQuota(used);
  EXPECT_EQ(Send(row, body).status, 200) << "a retry";
  EXPECT_EQ(Send(row, std::string(4'000, 'g')).status, 200) << "other bytes take the old ones' place";
  EXPECT_EQ(Send(row, body).status, 200);
  EXPECT_EQ(Send(other, body).status, 507) << "who may say that these bytes are there already?";
  RawClient promising(portal_.control_port());
  const std::string digest = "Repr-Digest: " + http::ReprDigest(crypto::Sha256(body)) + "\r\n";
  promising.Send(Head(other, digest + Length(body), "feed_token") + body);
  EXPECT_EQ(promising.ReadResponse().status, 201) << "the digest does";
  EXPECT_EQ(Send(row, std::string(4'001, 'h')).status, 507);
  EXPECT_EQ(TenantRow()["blob_bytes"], used);
}

TEST_F(Uploads, OfFilesHoldToTheirConditions) {
  const std::string line = "PUT /api/tenants/acme/jobs/job_prod_test/files/file_if/content?name=if.txt";
  const auto put = [&](const std::string& condition, const std::string& body) {
    RawClient client(portal_.control_port());
    client.Send(Head(line, condition + Length(body), "feed_token") + body);
    return client.ReadResponse();
  };
  EXPECT_EQ(put("If-Match: *\r\n", "one").status, 412);
  const RawResponse first = put("If-None-Match: *\r\n", "one");
  ASSERT_EQ(first.status, 201) << first.body;
  const std::string row = Send("GET /api/tenants/acme/jobs/job_prod_test/files/file_if").Field("ETag");
  EXPECT_EQ(first.Field("ETag"), row);
  EXPECT_EQ(put("If-None-Match: *\r\n", "two").status, 412);
  // Of two who have seen the same row one comes too late, though both were allowed to send.
  const std::string seen = "If-Match: " + row + "\r\nExpect: 100-continue\r\n";
  RawClient early(portal_.control_port());
  early.Send(Head(line, seen + Length("two"), "feed_token"));
  EXPECT_EQ(early.ReadResponse().status, 100);
  RawClient late(portal_.control_port());
  late.Send(Head(line, seen + Length("six"), "feed_token"));
  EXPECT_EQ(late.ReadResponse().status, 100);
  early.Send("two");
  EXPECT_EQ(early.ReadResponse().status, 200);
  late.Send("six");
  EXPECT_EQ(late.ReadResponse().status, 412);
  RawClient refused(portal_.control_port());
  refused.Send(Head(line, seen + Length("ten"), "feed_token"));
  EXPECT_EQ(refused.ReadResponse().status, 412) << "before its body is sent";
  EXPECT_EQ(Json::parse(Send("GET /api/tenants/acme/jobs/job_prod_test/files/file_if").body)["sha256"],
            base::ToHex(crypto::Sha256("two")));
}

TEST_F(Uploads, OfATokenThatEndsMeanwhileWriteNothing) {
  const std::string body(1'000, 'i');
  const std::string contact = R"({"name":"Late"})";
  const std::string rows = R"({"id":"late@example.com"})";
  const struct {
    std::string line, type, body;
  } cases[] = {{"PUT " + BlobPath(body), "text/plain", body},
               {"PUT /api/tenants/acme/jobs/job_prod_test/files/file_late/content?name=late.txt", "text/plain", body},
               {"PUT /api/tenants/acme/jobs/job_late", "application/json", contact},
               {"POST /api/tenants/acme/contacts/bulk", "application/x-ndjson", rows}};
  for (const auto& c : cases) {
    const std::string ask = R"({"client":"client_feed","scopes":["read","write"]})";
    RawClient admin(portal_.control_port());
    admin.Send(
        Head("POST /api/tenants/acme/tokens", "Content-Type: application/json\r\n" + Length(ask), "admin_token") + ask);
    const Json made = Json::parse(admin.ReadResponse().body);
    RawClient client(portal_.control_port());
    client.Send(Head(c.line, "Expect: 100-continue\r\nContent-Type: " + c.type + "\r\n" + Length(c.body),
                     made["token"].get<std::string>()));
    EXPECT_EQ(client.ReadResponse().status, 100) << c.line;
    const std::string id = made["id"];
    EXPECT_EQ(Send("DELETE /api/tenants/acme/tokens/" + id, {}, "admin_token").status, 204);
    client.Send(c.body);
    EXPECT_EQ(client.ReadResponse().status, 401) << c.line;
  }
  EXPECT_EQ(Find(body), 404);
  EXPECT_EQ(Send("GET /api/tenants/acme/jobs/job_late").status, 404);
}

TEST_F(Uploads, AreLookedUpWhileSomebodyWrites) {
  const base::Status written = portal_.database().writer().Write([&](store::WriteTransaction&) -> base::Status {
    EXPECT_EQ(Find("nobody has sent this"), 404);
    return {};
  });
  EXPECT_TRUE(written);
}

TEST_F(Uploads, AndPurgesDoNotCutADownload) {
  const std::string body(8'000'000, 'e');
  const std::string file = "/api/tenants/acme/jobs/job_prod_test/files/file_big";
  ASSERT_EQ(Send("PUT " + file + "/content?name=big.bin", body).status, 201);
  RawClient reader(portal_.port(), 4'096);
  const RawResponse row = reader.Get("/v1/jobs/job_prod_test/files/file_big", "Authorization: Bearer prod_token\r\n");
  const std::string url = Json::parse(row.body)["signed_url"];
  reader.Send("GET " + url.substr(url.find("/files/")) + " HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n");
  std::string received = reader.ReadOnce(1'000);
  ASSERT_TRUE(received.starts_with("HTTP/1.1 200"));

  EXPECT_EQ(Send("DELETE " + file).status, 204);
  const RawResponse purged = Send("POST /api/purge?all=true", {}, "admin_token");
  ASSERT_EQ(purged.status, 200) << purged.body;
  EXPECT_EQ(Json::parse(purged.body)["removed"]["blob_bytes"], 8'000'000);
  EXPECT_EQ(Find(body), 404);
  received += reader.ReadToEnd();
  EXPECT_TRUE(received.ends_with(std::string(8'000'000, 'e')));
}

}  // namespace
}  // namespace portal::testing
