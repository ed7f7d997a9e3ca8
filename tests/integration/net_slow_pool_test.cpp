#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "net_fixture.h"

namespace portal::testing {
namespace {

std::string Request(std::string_view target) {
  return "GET " + std::string(target) + " HTTP/1.1\r\nHost: test\r\n\r\n";
}

TEST(SlowRead, IsAnsweredByThePoolInItsPlaceAmongPipelinedRequests) {
  NetFixture fixture;
  RawClient client(fixture.port);
  client.Send(Request("/echo/a") + Request("/slow/b") + Request("/echo/c") + Request("/slow/d"));
  EXPECT_EQ(client.ReadResponse().body, "a");
  WaitForSlowReads(fixture, 1);
  RawClient other(fixture.port);
  EXPECT_EQ(other.Get("/echo/meanwhile").body, "meanwhile");
  fixture.gate.release(2);
  EXPECT_EQ(client.ReadResponse().body, "slow b");
  EXPECT_EQ(client.ReadResponse().body, "c");
  EXPECT_EQ(client.ReadResponse().body, "slow d");
}

TEST(SlowRead, KeepsTheIdsOfItsRequest) {
  NetFixture fixture;
  RawClient client(fixture.port);
  fixture.gate.release();
  const RawResponse response = client.Get("/slow/x", "X-Request-Id: r-1\r\nX-Trace-Id: t-1\r\n");
  EXPECT_EQ(response.Field("X-Request-Id"), "r-1");
  EXPECT_EQ(response.Field("X-Trace-Id"), "t-1");
}

TEST(SlowRead, IsRefusedWhenThePoolIsFullAndTheConnectionLivesOn) {
  auto options = NetFixture::OneLoop();
  options.pool_threads = 1;
  options.pool_queue = 1;
  NetFixture fixture(options);
  RawClient running(fixture.port);
  running.Send(Request("/slow/running"));
  WaitForSlowReads(fixture, 1);
  RawClient waiting(fixture.port);
  RawClient refused(fixture.port);
  waiting.Send(Request("/slow/waiting"));
  EXPECT_EQ(RawClient(fixture.port).Get("/echo/x").body, "x");  // the loop has seen the one before
  const RawResponse response = refused.Get("/slow/refused", "X-Request-Id: mine\r\n");
  EXPECT_EQ(response.status, 503);
  EXPECT_EQ(response.Field("Retry-After"), "1");
  EXPECT_EQ(response.Field("X-Request-Id"), "mine");
  EXPECT_NE(response.body.find("SERVICE_UNAVAILABLE"), std::string::npos);
  EXPECT_EQ(refused.Get("/echo/on").body, "on");
  fixture.gate.release(2);
  EXPECT_EQ(running.ReadResponse().body, "slow running");
  EXPECT_EQ(waiting.ReadResponse().body, "slow waiting");
}

TEST(SlowRead, OfAVanishedClientIsDroppedAndNotGivenToWhoeverCameNext) {
  NetFixture fixture;
  RawClient witness(fixture.port);
  witness.Get("/echo/x");
  const std::size_t before = NetFixture::OpenDescriptors();
  {
    RawClient vanishing(fixture.port);
    vanishing.Send(Request("/slow/secret"));
    WaitForSlowReads(fixture, 1);
    // A close that does not linger is a reset, which the server sees at once.
    const linger reset{1, 0};
    ::setsockopt(vanishing.fd(), SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
  }
  for (int i = 0; i < 1000 && NetFixture::OpenDescriptors() > before; ++i) witness.Get("/echo/x");
  ASSERT_EQ(NetFixture::OpenDescriptors(), before);

  RawClient next(fixture.port);  // has the same slot now
  EXPECT_EQ(next.Get("/echo/mine").body, "mine");
  fixture.gate.release();
  for (int i = 0; i < 100; ++i) ASSERT_EQ(next.Get("/echo/mine").body, "mine");
}

TEST(SlowRead, AnswersAClientThatHasFinishedSending) {
  NetFixture fixture;
  RawClient client(fixture.port);
  client.Send(Request("/slow/x"));
  client.FinishSending();
  WaitForSlowReads(fixture, 1);
  fixture.gate.release();
  EXPECT_EQ(client.ReadResponse().body, "slow x");
  EXPECT_EQ(client.ReadToEnd(), "");
}

}  // namespace
}  // namespace portal::testing
