#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "net_fixture.h"

namespace portal::testing {
namespace {

TEST(Connection, AnswersManyRequestsInTurn) {
  NetFixture fixture;
  RawClient client(fixture.port);
  for (int i = 0; i < 50; ++i) {
    const RawResponse response = client.Get("/echo/" + std::to_string(i));
    ASSERT_EQ(response.status, 200);
    ASSERT_EQ(response.body, std::to_string(i));
    ASSERT_EQ(response.Field("Connection"), "");
  }
}

TEST(Connection, AnswersAHundredPipelinedRequestsInOrder) {
  NetFixture fixture;
  RawClient client(fixture.port);
  std::string requests;
  for (int i = 0; i < 100; ++i) requests += "GET /echo/" + std::to_string(i) + " HTTP/1.1\r\nHost: test\r\n\r\n";
  client.Send(requests);
  for (int i = 0; i < 100; ++i) ASSERT_EQ(client.ReadResponse().body, std::to_string(i));
}

TEST(Connection, AnswersMorePipelinedRequestsThanItReadsAtOnce) {
  NetFixture fixture;
  RawClient client(fixture.port);
  const std::string padding(900, 'p');
  std::string requests;
  for (int i = 0; i < 300; ++i) {
    requests += "GET /echo/" + std::to_string(i) + " HTTP/1.1\r\nHost: test\r\nX-Padding: " + padding + "\r\n\r\n";
  }
  client.Send(requests);
  for (int i = 0; i < 300; ++i) ASSERT_EQ(client.ReadResponse().body, std::to_string(i));
}

TEST(Connection, KeepsTheOrderWhenAnAnswerDoesNotFitTheClientsWindow) {
  NetFixture fixture;
  RawClient client(fixture.port, 4096);
  client.Send(
      "GET /large HTTP/1.1\r\nHost: test\r\n\r\nGET /file HTTP/1.1\r\nHost: test\r\n\r\n"
      "GET /echo/last HTTP/1.1\r\nHost: test\r\n\r\n");
  EXPECT_TRUE(client.ReadResponse().body == fixture.content + fixture.content);
  EXPECT_TRUE(client.ReadResponse().body == fixture.content);
  EXPECT_EQ(client.ReadResponse().body, "last");
}

TEST(Connection, AnswersRequestsThatArriveByteByByte) {
  NetFixture fixture;
  RawClient client(fixture.port);
  for (const char byte :
       std::string("\r\nGET /echo/a HTTP/1.1\r\nHost: test\r\n\r\nGET /echo/b HTTP/1.1\r\nHost: t\r\n\r\n")) {
    client.Send({&byte, 1});
  }
  EXPECT_EQ(client.ReadResponse().body, "a");
  EXPECT_EQ(client.ReadResponse().body, "b");
}

TEST(Connection, AnswersHeadWithTheLengthAndWithoutTheBody) {
  NetFixture fixture;
  RawClient client(fixture.port);
  for (const auto* target : {"/echo/four", "/large", "/file"}) {
    const RawResponse get = client.Get(target);
    client.Send("HEAD " + std::string(target) + " HTTP/1.1\r\nHost: test\r\n\r\n");
    const RawResponse head = client.ReadResponse(true);
    EXPECT_EQ(head.status, 200);
    EXPECT_EQ(head.Field("Content-Length"), std::to_string(get.body.size()));
  }
  EXPECT_EQ(client.Get("/echo/next").body, "next");
}

TEST(Connection, LivesAndEndsAsVersionAndConnectionFieldSay) {
  struct Case {
    std::string request;
    std::string connection;  // in the answer
    bool stays;
  };
  const std::vector<Case> cases{
      {"GET /echo/x HTTP/1.1\r\nHost: t\r\n\r\n", "", true},
      {"GET /echo/x HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n", "close", false},
      {"GET /echo/x HTTP/1.1\r\nHost: t\r\nConnection: TE, Close\r\n\r\n", "close", false},
      {"GET /echo/x HTTP/1.0\r\n\r\n", "close", false},
      {"GET /echo/x HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", "keep-alive", true},
  };
  NetFixture fixture;
  for (const Case& c : cases) {
    SCOPED_TRACE(c.request);
    RawClient client(fixture.port);
    client.Send(c.request);
    const RawResponse response = client.ReadResponse();
    EXPECT_EQ(response.body, "x");
    EXPECT_EQ(response.Field("Connection"), c.connection);
    if (c.stays) {
      EXPECT_EQ(client.Get("/echo/again").body, "again");
    } else {
      EXPECT_EQ(client.ReadToEnd(), "");
    }
  }
}

TEST(Connection, RefusesAHeadWithAProblemAndHangsUp) {
  const std::map<std::string, int> cases{
      {"GET /echo/x HTTP/1.1\r\n\r\n", 400},
      {"GET /echo/x HTTP/1.1\nHost: t\n\n", 400},
      {"\x16\x03\x01\x02", 400},
      {"GET /" + std::string(9000, 'a'), 414},
      {"GET / HTTP/1.1\r\nHost: t\r\nX: " + std::string(40'000, 'a') + "\r\n\r\n", 431},
      {"GET / HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: gzip\r\n\r\n", 501},
      {"GET / HTTP/2.0\r\nHost: t\r\n\r\n", 505},
      {"GET / HTTP/1.1\r\nHost: t\r\nExpect: miracles\r\n\r\n", 417},
  };
  NetFixture fixture;
  for (const auto& [request, status] : cases) {
    SCOPED_TRACE(request.substr(0, 80));
    RawClient client(fixture.port);
    client.Send(request);
    const RawResponse response = client.ReadResponse();
    EXPECT_EQ(response.status, status);
    EXPECT_EQ(response.Field("Content-Type"), "application/problem+json");
    EXPECT_EQ(response.Field("Connection"), "close");
    EXPECT_EQ(response.Field("X-Request-Id").size(), 36u);
    EXPECT_NE(response.body.find("\"traceId\":\"" + response.Field("X-Trace-Id") + "\""), std::string::npos);
    EXPECT_EQ(client.ReadToEnd(), "");
  }
}

TEST(Connection, KeepsTheIdsOfARefusedHead) {
  NetFixture fixture;
  RawClient client(fixture.port);
  client.Send("GET / HTTP/1.1\r\nHost: t\r\nX-Request-Id: mine\r\nHost: u\r\n\r\n");
  const RawResponse response = client.ReadResponse();
  EXPECT_EQ(response.status, 400);
  EXPECT_EQ(response.Field("X-Request-Id"), "mine");
}

TEST(Connection, AnswersABodyUnreadAndTheClientStillSeesTheAnswer) {
  const std::map<std::string, int> cases{{"GET /echo/x", 413}, {"POST /echo/x", 405}, {"PUT /nowhere", 404}};
  NetFixture fixture;
  const std::string body(3 << 20, 'b');
  for (const auto& [line, status] : cases) {
    SCOPED_TRACE(line);
    RawClient client(fixture.port);
    client.Send(line + " HTTP/1.1\r\nHost: t\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n");
    client.SendAsMuchAsPossible(body);
    const RawResponse response = client.ReadResponse();
    EXPECT_EQ(response.status, status);
    EXPECT_EQ(response.Field("Connection"), "close");
    EXPECT_EQ(client.ReadToEnd(), "");
  }
}

TEST(Connection, AnswersAClientThatHasFinishedSending) {
  NetFixture fixture;
  RawClient client(fixture.port);
  client.Send("GET /echo/a HTTP/1.1\r\nHost: t\r\n\r\nGET /echo/b HTTP/1.1\r\nHost: t\r\n\r\nGET /ec");
  client.FinishSending();
  EXPECT_EQ(client.ReadResponse().body, "a");
  EXPECT_EQ(client.ReadResponse().body, "b");
  EXPECT_EQ(client.ReadToEnd(), "");
}

TEST(Connection, SpreadsOverTheLoopsEvenly) {
  net::Server::Options options;
  options.loops = 2;
  NetFixture fixture(options);
  std::vector<RawClient> clients;
  std::map<std::string, int> answered_by;
  for (int i = 0; i < 200; ++i) ++answered_by[clients.emplace_back(fixture.port).Get("/worker").body];
  EXPECT_EQ(answered_by["0"], 100);
  EXPECT_EQ(answered_by["1"], 100);
  for (RawClient& client : clients) EXPECT_EQ(client.Get("/echo/still").body, "still");
}

}  // namespace
}  // namespace portal::testing
