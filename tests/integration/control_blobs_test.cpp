#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

#include "base/hex.h"
#include "crypto/hash.h"
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
