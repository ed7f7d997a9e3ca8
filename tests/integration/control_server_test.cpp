#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <string>
#include <thread>

#include "control/handlers.h"
#include "control/server.h"
#include "control_fixture.h"

namespace portal::testing {
namespace {

using base::Result;
using control::Answer;
using control::Context;
using control::Needs;
using control::Request;
using http::Method;
using namespace std::chrono_literals;

constexpr std::uint64_t kMaxBody = 100'000;

/// How often Echo has had a whole body.
std::atomic<int> whole_bodies = 0;

Result<Answer> Echo(const Context&, Request& request) {
  auto body = request.ReadBody(kMaxBody);
  if (!body) return base::Fail(std::move(body).error());
  ++whole_bodies;
  Answer answer;
  answer.body = "got " + std::to_string(body->size());
  return answer;
}
Result<Answer> Ignore(const Context&, Request&) { return Answer{}; }
Result<Answer> Throw(const Context&, Request&) { throw std::runtime_error("the secret of the bug"); }
Result<Answer> Stream(const Context&, Request&) {
  Answer answer;
  answer.stream = [](control::AnswerSink& sink) {
    sink.Write("one\n");
    sink.Write("");
    sink.Write("two\n");
  };
  return answer;
}
Result<Answer> StreamAndThrow(const Context&, Request&) {
  Answer answer;
  answer.stream = [](control::AnswerSink& sink) {
    sink.Write("one\n");
    throw std::runtime_error("the secret of the bug");
  };
  return answer;
}
Result<Answer> StreamForever(const Context&, Request&) {
  Answer answer;
  answer.stream = [](control::AnswerSink& sink) {
    while (sink.Write(std::string(64 * 1024, 'x'))) continue;
  };
  return answer;
}

std::vector<control::Route> Routes() {
  return {{Method::kPost, "/echo", Needs::kNothing, Echo},
          {Method::kPost, "/ignore", Needs::kNothing, Ignore},
          {Method::kGet, "/ignore", Needs::kNothing, Ignore},
          {Method::kPost, "/purge", Needs::kNothing, control::RunPurge, "all"},
          {Method::kPost, "/backup", Needs::kNothing, control::MakeBackup},
          {Method::kGet, "/bug", Needs::kNothing, Throw},
          {Method::kGet, "/stream", Needs::kNothing, Stream},
          {Method::kGet, "/stream-bug", Needs::kNothing, StreamAndThrow},
          {Method::kGet, "/stream-forever", Needs::kNothing, StreamForever}};
}

std::string Post(std::string_view path, std::string_view fields, std::string_view body) {
  return "POST " + std::string(path) + " HTTP/1.1\r\nHost: test\r\n" + std::string(fields) + "\r\n" + std::string(body);
}
std::string Length(std::size_t bytes) { return "Content-Length: " + std::to_string(bytes) + "\r\n"; }

class ControlServer : public ::testing::Test {
 protected:
  ControlServer() { whole_bodies = 0; }
  static net::Limits Hurried() {
    net::Limits limits;
    limits.head_timeout = limits.send_timeout = 300ms;
    return limits;
  }
};

TEST_F(ControlServer, AnswersPipelinedRequestsInOrderAndFindsEachOnesStart) {
  ControlFixture portal(Routes(), {});
  RawClient client(portal.port());
  client.Send(Post("/echo", Length(3), "abc") +
              Post("/echo", "Transfer-Encoding: chunked\r\n", "5\r\nhello\r\n0\r\nA: b\r\n\r\n") +
              Post("/ignore", Length(4), "drop") + Post("/echo", Length(0), ""));
  EXPECT_EQ(client.ReadResponse().body, "got 3");
  EXPECT_EQ(client.ReadResponse().body, "got 5");
  EXPECT_EQ(client.ReadResponse().status, 200);
  const RawResponse last = client.ReadResponse();
  EXPECT_EQ(last.body, "got 0");
  EXPECT_EQ(last.Field("Cache-Control"), "no-store");
  EXPECT_EQ(last.Field("X-Frame-Options"), "DENY");
  EXPECT_EQ(last.Field("X-Request-Id").size(), 36U);
  EXPECT_EQ(last.Field("Connection"), "");
}

TEST_F(ControlServer, NoRequestIsSmuggledBehindAnother) {
  // What must never be taken for a request of its own.
  const std::string canary = Post("/echo", Length(1), "!");
  struct Case {
    std::string name;
    std::string fields;
    std::string body;
    int status;
  };
  const std::string chunked = "Transfer-Encoding: chunked\r\n";
  const Case cases[] = {
      {"length and chunks", Length(3) + chunked, "0\r\n\r\n", 400},
      {"chunks and length", chunked + Length(3), "0\r\n\r\n", 400},
      {"two lengths", Length(3) + Length(3), "abc", 400},
      {"two different lengths", Length(3) + Length(60), "abc", 400},
      {"a list of lengths", "Content-Length: 3, 3\r\n", "abc", 400},
      {"a signed length", "Content-Length: +3\r\n", "abc", 400},
      {"a hexadecimal length", "Content-Length: 0x3\r\n", "abc", 400},
      {"a space before the colon", "Content-Length : 3\r\n", "abc", 400},
      {"a folded length", "Content-Length:\r\n 3\r\n", "abc", 400},
      {"chunked twice", "Transfer-Encoding: chunked, chunked\r\n", "0\r\n\r\n", 400},
      {"chunked in two fields", chunked + chunked, "0\r\n\r\n", 400},
      {"another coding", "Transfer-Encoding: identity\r\n", "abc", 501},
      {"a coding behind a tab", "Transfer-Encoding:\tchunked\x0b\r\n", "0\r\n\r\n", 400},
      {"a bare LF", "A: b\n" + Length(3), "abc", 400},
      {"a chunk size of nothing", chunked, "\r\n0\r\n\r\n", 400},
      {"a chunk size with a prefix", chunked, "0x3\r\nabc\r\n0\r\n\r\n", 400},
      {"a negative chunk size", chunked, "-1\r\nabc\r\n0\r\n\r\n", 400},
      {"a chunk size that overflows", chunked, "FFFFFFFFFFFFFFFFF\r\nabc\r\n0\r\n\r\n", 400},
      {"a chunk longer than it says", chunked, "2\r\nabc\r\n0\r\n\r\n", 400},
      {"a chunk that ends with LF", chunked, "3\r\nabc\n0\r\n\r\n", 400},
      {"a size that ends with LF", chunked, "3\nabc\r\n0\r\n\r\n", 400},
      {"a trailer without a colon", chunked, "0\r\nno colon\r\n\r\n", 400},
      {"a body that is too large", Length(kMaxBody + 1), "", 413},
      {"chunks that are too large", chunked, "186A1\r\n" + std::string(kMaxBody + 1, 'x') + "\r\n0\r\n\r\n", 413},
      {"no length", "", "", 411},
  };
  ControlFixture portal(Routes(), {});
  for (const Case& c : cases) {
    whole_bodies = 0;
    RawClient client(portal.port());
    client.SendAsMuchAsPossible(Post("/echo", c.fields, c.body) + canary);
    const RawResponse answer = client.ReadResponse();
    EXPECT_EQ(answer.status, c.status) << c.name;
    EXPECT_EQ(answer.Field("Content-Type"), "application/problem+json") << c.name;
    if (c.status == 411) continue;  // where there is no body the canary is a request
    EXPECT_EQ(answer.Field("Connection"), "close") << c.name;
    EXPECT_EQ(client.ReadToEnd(), "") << c.name;
    EXPECT_EQ(whole_bodies, 0) << c.name;
  }
}

TEST_F(ControlServer, AsksForABodyOnlyWhenItWantsIt) {
  ControlFixture portal(Routes(), {});
  RawClient wanted(portal.port());
  wanted.Send(Post("/echo", "Expect: 100-continue\r\n" + Length(5), ""));
  EXPECT_EQ(wanted.ReadResponse().status, 100);
  wanted.Send("hello");
  EXPECT_EQ(wanted.ReadResponse().body, "got 5");

  for (const std::string_view path : {"/echo", "/ignore", "/nowhere"}) {
    RawClient refused(portal.port());
    refused.Send(Post(path, "Expect: 100-continue\r\n" + Length(kMaxBody + 1), ""));
    const RawResponse answer = refused.ReadResponse();
    EXPECT_EQ(answer.status, path == "/echo" ? 413 : path == "/ignore" ? 200 : 404);
    EXPECT_EQ(answer.Field("Connection"), "close") << path;
    EXPECT_EQ(refused.ReadToEnd(), "") << path;
  }
}

TEST_F(ControlServer, AnswersWithoutABodyThatItDoesNotWantAndThatDoesNotCome) {
  ControlFixture portal(Routes(), {});
  RawClient client(portal.port());
  client.Send(Post("/nowhere", Length(100), "a few"));
  const RawResponse answer = client.ReadResponse();
  EXPECT_EQ(answer.status, 404);
  EXPECT_EQ(answer.Field("Connection"), "close");
}

TEST_F(ControlServer, TakesNothingOfABodyThatEndsEarly) {
  ControlFixture portal(Routes(), {});
  const std::string bodies[] = {Length(10) + "\r\nhalf", "Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n"};
  for (const std::string& body : bodies) {
    RawClient client(portal.port());
    client.Send("POST /echo HTTP/1.1\r\nHost: test\r\n" + body);
    client.FinishSending();
    EXPECT_EQ(client.ReadResponse().status, 400);
    EXPECT_EQ(client.ReadToEnd(), "");
  }
  EXPECT_EQ(whole_bodies, 0);
}

TEST_F(ControlServer, HangsUpOnWhoeverIsTooSlow) {
  ControlFixture portal(Routes(), {.limits = Hurried()});
  RawClient silent(portal.port());
  EXPECT_EQ(silent.ReadToEnd(), "");

  RawClient half_a_head(portal.port());
  half_a_head.Send("POST /echo HTTP/1.1\r\nHost: t");
  EXPECT_EQ(half_a_head.ReadResponse().status, 408);

  RawClient half_a_body(portal.port());
  half_a_body.Send(Post("/echo", Length(10), "half"));
  EXPECT_EQ(half_a_body.ReadResponse().status, 408);
  EXPECT_EQ(half_a_body.ReadToEnd(), "");

  RawClient deaf(portal.port(), 4096);
  deaf.Send("GET /stream-forever HTTP/1.1\r\nHost: test\r\n\r\n");
  // It reads nothing, so that its answer stops; the next client has the threads to itself again.
  portal.server().Drain();
  EXPECT_EQ(whole_bodies, 0);
}

TEST_F(ControlServer, ABugIsA500ThatSaysNothingOfIt) {
  ControlFixture portal(Routes(), {});
  RawClient client(portal.port());
  const RawResponse answer = client.Get("/bug");
  EXPECT_EQ(answer.status, 500);
  EXPECT_NE(answer.body.find(R"("code":"INTERNAL_ERROR")"), std::string::npos);
  EXPECT_NE(answer.body.find(R"("type":"http://portal.test/errors/internal")"), std::string::npos);
  EXPECT_EQ(answer.body.find("secret"), std::string::npos);
  EXPECT_EQ(client.Get("/ignore").status, 200) << "the connection goes on";
}

TEST_F(ControlServer, StreamsAnswersInChunksThatEndOnlyWithTheWhole) {
  ControlFixture portal(Routes(), {});
  RawClient client(portal.port());
  client.Send("GET /stream HTTP/1.1\r\nHost: test\r\n\r\nGET /stream-bug HTTP/1.1\r\nHost: test\r\n\r\n");
  const std::string all = client.ReadToEnd();
  EXPECT_NE(all.find("Transfer-Encoding: chunked\r\n"), std::string::npos);
  EXPECT_EQ(all.find("Content-Length"), std::string::npos);
  EXPECT_NE(all.find("\r\n\r\n4\r\none\n\r\n4\r\ntwo\n\r\n0\r\n\r\nHTTP/1.1 200 OK\r\n"), std::string::npos) << all;
  EXPECT_TRUE(all.ends_with("4\r\none\n\r\n")) << "no last chunk: the client sees that this is not all";

  RawClient old(portal.port());
  old.Send("GET /stream HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  const std::string plain = old.ReadToEnd();
  EXPECT_TRUE(plain.ends_with("\r\n\r\none\ntwo\n")) << plain;
  EXPECT_NE(plain.find("Connection: close\r\n"), std::string::npos);
}

TEST_F(ControlServer, AnIdleClientMakesRoomForOneThatWaits) {
  ControlFixture portal(Routes(), {.threads = 1});
  RawClient idle(portal.port());
  EXPECT_EQ(idle.Get("/ignore").status, 200);
  RawClient waiting(portal.port());
  EXPECT_EQ(waiting.Get("/ignore").status, 200);
  EXPECT_EQ(idle.ReadToEnd(), "");
}

TEST_F(ControlServer, HalfAHeadMakesRoomForOneThatWaits) {
  net::Limits limits;
  limits.head_timeout = 60s;
  ControlFixture portal(Routes(), {.threads = 2, .limits = limits});
  // The second one's is read by then: it has been answered before.
  RawClient first(portal.port());
  EXPECT_EQ(first.Get("/ignore").status, 200);
  first.Send("GET /ignore HTTP/1.1\r\nHost: t");
  RawClient second(portal.port());
  second.Send("GET /ignore HTTP/1.1\r\nHost: t");
  for (int i = 0; i < 3; ++i) {
    RawClient waiting(portal.port());
    EXPECT_EQ(waiting.Get("/ignore", "Connection: close\r\n").status, 200);
  }
}

TEST_F(ControlServer, WhoeverFindsNoRoomInTheQueueIsHungUpOn) {
  ControlFixture portal(Routes(), {.threads = 1, .queue = 1});
  RawClient busy(portal.port());
  busy.Send(Post("/echo", "Expect: 100-continue\r\n" + Length(1), ""));
  EXPECT_EQ(busy.ReadResponse().status, 100);  // it has the thread now
  RawClient queued(portal.port());
  queued.Send("GET /ignore HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n");
  RawClient late(portal.port());
  EXPECT_EQ(late.ReadToEnd(), "");
  busy.Send("x");
  EXPECT_EQ(busy.ReadResponse().body, "got 1");
  EXPECT_EQ(queued.ReadResponse().status, 200);
}

TEST_F(ControlServer, DrainsWhatRunsAndRefusesWhatComes) {
  ControlFixture portal(Routes(), {});
  RawClient running(portal.port());
  running.Send(Post("/echo", "Expect: 100-continue\r\n" + Length(5), ""));
  EXPECT_EQ(running.ReadResponse().status, 100);
  RawClient idle(portal.port());
  EXPECT_EQ(idle.Get("/ignore").status, 200);

  auto drained = std::async(std::launch::async, [&] { portal.server().Drain(); });
  EXPECT_EQ(idle.ReadToEnd(), "") << "nobody waits for the next request of an idle client";
  RawClient late{RawClient::Unconnected{}};
  EXPECT_FALSE(late.TryConnect(portal.port()));
  EXPECT_EQ(drained.wait_for(0ms), std::future_status::timeout);
  running.Send("hello");
  const RawResponse answer = running.ReadResponse();
  EXPECT_EQ(answer.body, "got 5");
  EXPECT_EQ(answer.Field("Connection"), "close");
  running.Close();
  EXPECT_EQ(drained.wait_for(10s), std::future_status::ready);
}

TEST_F(ControlServer, AnswersWhoeverWaitsForAThreadWhenTheDrainBegins) {
  ControlFixture portal(Routes(), {.threads = 1, .queue = 1});
  RawClient busy(portal.port());
  busy.Send(Post("/echo", "Expect: 100-continue\r\n" + Length(1), ""));
  EXPECT_EQ(busy.ReadResponse().status, 100);
  RawClient queued(portal.port());
  queued.Send("GET /ignore HTTP/1.1\r\nHost: test\r\n\r\n");
  RawClient late(portal.port());
  EXPECT_EQ(late.ReadToEnd(), "") << "and so the one before it is in the queue";

  auto drained = std::async(std::launch::async, [&] { portal.server().Drain(); });
  while (RawClient(RawClient::Unconnected{}).TryConnect(portal.port())) continue;  // until nobody accepts any more
  busy.Send("x");
  EXPECT_EQ(busy.ReadResponse().body, "got 1");
  EXPECT_EQ(queued.ReadResponse().status, 200);
  queued.Close();
  busy.Close();
  EXPECT_EQ(drained.wait_for(10s), std::future_status::ready);
}

TEST_F(ControlServer, EndsLongWorkEarlyWhenThePortalStops) {
  ControlFixture portal(Routes(), {});
  for (const int status : {200, 503}) {
    for (const std::string_view path : {"/purge?all=true", "/backup"}) {
      RawClient client(portal.port());
      client.Send(Post(path, Length(0), ""));
      const RawResponse answer = client.ReadResponse();
      EXPECT_EQ(answer.status, status) << path << answer.body;
      EXPECT_EQ(answer.body.find("is stopping") != std::string::npos, status == 503) << answer.body;
    }
    portal.stopping().Begin();
  }
}

TEST_F(ControlServer, CutsOffWhatOutlivesTheDrain) {
  net::Limits limits;
  limits.drain_timeout = 100ms;
  ControlFixture portal(Routes(), {.limits = limits});
  RawClient running(portal.port());
  running.Send(Post("/echo", "Expect: 100-continue\r\n" + Length(5), ""));
  EXPECT_EQ(running.ReadResponse().status, 100);
  portal.server().Drain();
  EXPECT_EQ(whole_bodies, 0);
}

}  // namespace
}  // namespace portal::testing
