#include <gtest/gtest.h>

#include <string>
#include <thread>

#include "net_fixture.h"

namespace portal::testing {
namespace {

std::string Request(std::string_view target) {
  return "GET " + std::string(target) + " HTTP/1.1\r\nHost: test\r\n\r\n";
}

TEST(Drain, FinishesWhatWasReceivedClosesTheIdleAndTurnsNewClientsAway) {
  // One loop: when it has hung up on the idle client, it knows that it drains when the others' turn comes.
  NetFixture fixture(NetFixture::OneLoop());
  RawClient idle(fixture.port);
  EXPECT_EQ(idle.Get("/echo/x").body, "x");
  RawClient busy(fixture.port);
  busy.Send(Request("/slow/a") + Request("/echo/b"));
  RawClient half(fixture.port);
  half.Send("GET /echo/c HTTP/1.1\r\n");
  RawClient loading(fixture.port, 4096);
  loading.Send(Request("/file"));
  EXPECT_FALSE(loading.ReadOnce(1).empty());
  WaitForSlowReads(fixture, 1);

  std::thread drain([&] { fixture.server().Drain(); });
  EXPECT_EQ(idle.ReadToEnd(), "");
  half.Send("Host: t\r\n\r\n");
  EXPECT_EQ(half.ReadResponse().body, "c");
  EXPECT_EQ(half.ReadToEnd(), "");
  fixture.gate.release();
  EXPECT_EQ(busy.ReadResponse().body, "slow a");
  const RawResponse last = busy.ReadResponse();
  EXPECT_EQ(last.body, "b");
  EXPECT_EQ(last.Field("Connection"), "close");
  EXPECT_EQ(busy.ReadToEnd(), "");
  EXPECT_TRUE(loading.ReadToEnd().ends_with(fixture.content));
  busy.Close();
  half.Close();
  loading.Close();
  drain.join();
  EXPECT_FALSE(RawClient(RawClient::Unconnected{}).TryConnect(fixture.port));
  fixture.server().Drain();
}

TEST(Drain, GivesUpOnWhoeverTakesTooLong) {
  auto options = NetFixture::OneLoop();
  options.settings.limits.drain_timeout = std::chrono::milliseconds(50);
  NetFixture fixture(options);
  RawClient stuck(fixture.port, 4096);
  stuck.Send(Request("/file"));
  EXPECT_FALSE(stuck.ReadOnce(1).empty());
  RawClient waiting(fixture.port);
  waiting.Send(Request("/slow/x"));
  WaitForSlowReads(fixture, 1);
  fixture.server().Drain();
  EXPECT_EQ(waiting.ReadToEnd(), "");
  fixture.gate.release();
}

TEST(Drain, OfAServerWithoutConnectionsEndsAtOnce) {
  net::Server::Options options;
  options.loops = 4;
  NetFixture fixture(options);
  fixture.server().Drain();
  EXPECT_FALSE(RawClient(RawClient::Unconnected{}).TryConnect(fixture.port));
}

}  // namespace
}  // namespace portal::testing
