#include <gtest/gtest.h>

#include <string>

#include "net_fixture.h"

namespace portal::testing {
namespace {

using std::chrono::milliseconds;

TEST(ConnectionDeadline, EndsHalfAHeadWithATimeoutProblem) {
  auto options = NetFixture::OneLoop();
  options.head_timeout = milliseconds(50);
  NetFixture fixture(options);
  RawClient client(fixture.port);
  EXPECT_EQ(client.Get("/echo/first").body, "first");
  client.Send("GET /echo/second HTTP/1.1\r\nHo");
  const RawResponse response = client.ReadResponse();
  EXPECT_EQ(response.status, 408);
  EXPECT_EQ(response.Field("Content-Type"), "application/problem+json");
  EXPECT_EQ(response.Field("Connection"), "close");
  EXPECT_EQ(client.ReadToEnd(), "");
}

TEST(ConnectionDeadline, IsNotMovedByBytesThatTrickleIn) {
  auto options = NetFixture::OneLoop();
  options.head_timeout = milliseconds(200);
  NetFixture fixture(options);
  RawClient client(fixture.port);
  client.Send("GET /echo/x HTTP/1.1\r\nX-Slow: ");
  int bytes = 0;
  for (; !client.IsReadable(milliseconds(20)) && bytes < 500; ++bytes) client.Send("a");
  EXPECT_LT(bytes, 500);
  EXPECT_EQ(client.ReadResponse().status, 408);
}

TEST(ConnectionDeadline, ClosesAnIdleConnectionWithoutAWord) {
  auto options = NetFixture::OneLoop();
  options.idle_timeout = milliseconds(50);
  NetFixture fixture(options);
  RawClient never_asked(fixture.port);
  RawClient has_asked(fixture.port);
  EXPECT_EQ(has_asked.Get("/echo/x").body, "x");
  EXPECT_EQ(never_asked.ReadToEnd(), "");
  EXPECT_EQ(has_asked.ReadToEnd(), "");
}

TEST(ConnectionDeadline, ResetsAClientThatTakesNothingOfItsAnswer) {
  for (const std::string target : {"/large", "/file"}) {
    SCOPED_TRACE(target);
    auto options = NetFixture::OneLoop();
    options.send_timeout = milliseconds(50);
    NetFixture fixture(options);
    RawClient client(fixture.port, 4096);
    client.Send("GET " + target + " HTTP/1.1\r\nHost: t\r\n\r\n");
    client.WaitForReset();
    const auto log = fixture.TakeLog();
    ASSERT_EQ(log.size(), 1u);
    for (const std::size_t whole : {NetFixture::kFileBytes, 2 * NetFixture::kFileBytes}) {
      EXPECT_EQ(log[0].find("\"bytes\":" + std::to_string(whole)), std::string::npos) << log[0];
    }
  }
}

}  // namespace
}  // namespace portal::testing
