#include <gtest/gtest.h>
#include <poll.h>

#include <string>

#include "net_fixture.h"

namespace portal::testing {
namespace {

using std::chrono::milliseconds;

TEST(ConnectionDeadline, EndsHalfAHeadWithATimeoutProblem) {
  auto options = NetFixture::OneLoop();
  options.settings.limits.head_timeout = milliseconds(50);
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
  options.settings.limits.head_timeout = milliseconds(200);
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
  options.settings.limits.idle_timeout = milliseconds(500);
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
    options.settings.limits.send_timeout = milliseconds(50);
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

TEST(ConnectionDeadline, LetsAClientReadAsSlowlyAsItLikesWhileItReads) {
  auto options = NetFixture::OneLoop();
  options.settings.limits.send_timeout = milliseconds(1'000);
  NetFixture fixture(options);
  RawClient client(fixture.port, 16 * 1024);
  client.Send("GET /file HTTP/1.1\r\nHost: t\r\n\r\n");
  // The pace is the matter here: for three times the deadline the client takes so little at a time that the
  // kernel, which holds megabytes for it, asks the server for nothing.
  std::string received;
  const auto end = std::chrono::steady_clock::now() + 3 * options.settings.limits.send_timeout;
  while (std::chrono::steady_clock::now() < end) {
    received += client.ReadOnce(8 * 1024);
    ::poll(nullptr, 0, 20);
  }
  while (!received.ends_with(fixture.content)) {
    const std::string more = client.ReadOnce(1 << 20);
    ASSERT_FALSE(more.empty()) << "the answer was cut off";
    received += more;
  }
}

TEST(ConnectionDeadline, TakesAnEmptyLineAfterARequestForTheBeginningOfNone) {
  auto options = NetFixture::OneLoop();
  options.settings.limits.head_timeout = milliseconds(300);
  options.settings.limits.idle_timeout = milliseconds(600);
  NetFixture fixture(options);
  RawClient client(fixture.port);
  client.Send("GET /echo/x HTTP/1.1\r\nHost: t\r\n\r\n\r\n");
  EXPECT_EQ(client.ReadResponse().body, "x");
  EXPECT_EQ(client.ReadToEnd(), "") << "no 408 that could be taken for the answer to a next request";
}

}  // namespace
}  // namespace portal::testing
