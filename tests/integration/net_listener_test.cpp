#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "net_fixture.h"

namespace portal::testing {
namespace {

TEST(Listener, LetsTheKernelPickAPortAndTellsWhich) {
  const auto v4 = net::Listener::Bind("127.0.0.1:0");
  ASSERT_TRUE(v4.has_value());
  EXPECT_GT(v4->port(), 0);
  EXPECT_EQ(v4->address(), "127.0.0.1:" + std::to_string(v4->port()));
  const auto v6 = net::Listener::Bind("[::1]:0");
  ASSERT_TRUE(v6.has_value());
  EXPECT_EQ(v6->address(), "[::1]:" + std::to_string(v6->port()));
}

TEST(Listener, RefusesAPortThatIsTakenAndSaysWhatToDo) {
  const auto first = net::Listener::Bind("127.0.0.1:0");
  ASSERT_TRUE(first.has_value());
  const auto second = net::Listener::Bind(first->address());
  ASSERT_FALSE(second.has_value());
  EXPECT_EQ(second.error().code, base::ErrorCode::kUnavailable);
  EXPECT_NE(second.error().detail.find(first->address()), std::string::npos);
  EXPECT_NE(second.error().detail.find("choose another"), std::string::npos);
}

TEST(Listener, TakesAPortAgainThatHadConnections) {
  std::uint16_t port = 0;
  {
    NetFixture fixture;
    port = fixture.port;
    RawClient client(port);
    EXPECT_EQ(client.Get("/echo/x", "Connection: close\r\n").body, "x");
    EXPECT_EQ(client.ReadToEnd(), "");
  }
  EXPECT_TRUE(net::Listener::Bind("127.0.0.1:" + std::to_string(port)).has_value());
}

TEST(Listener, RefusesAnAddressThatIsNotThisMachines) {
  const auto listener = net::Listener::Bind("192.0.2.1:0");
  ASSERT_FALSE(listener.has_value());
  EXPECT_EQ(listener.error().code, base::ErrorCode::kUnavailable);
}

TEST(Listener, RefusesWhatCannotBeBoundAndShowsWhatCan) {
  for (const std::string endpoint : {"", "127.0.0.1", "localhost:3000", "systemd", "systemd:web"}) {
    const auto listener = net::Listener::Bind(endpoint);
    ASSERT_FALSE(listener.has_value()) << endpoint;
    EXPECT_EQ(listener.error().code, base::ErrorCode::kValidation) << endpoint;
    EXPECT_NE(listener.error().detail.find("'" + endpoint + "'"), std::string::npos) << endpoint;
    EXPECT_NE(listener.error().detail.find("127.0.0.1:3000"), std::string::npos) << endpoint;
  }
}

TEST(Listener, SpeaksTlsAsItsSchemeSaysAndElseWhereThereIsACertificate) {
  EXPECT_TRUE(net::Listener::Bind("127.0.0.1:0", true)->secure());
  EXPECT_FALSE(net::Listener::Bind("127.0.0.1:0", false)->secure());
  EXPECT_FALSE(net::Listener::Bind("http://127.0.0.1:0", true)->secure());
  EXPECT_TRUE(net::Listener::Bind("https://[::1]:0", true)->secure());
}

TEST(Listener, KnowsWhatOnlyThisMachineReaches) {
  EXPECT_TRUE(net::Listener::Bind("127.1.2.3:0")->is_local());
  EXPECT_TRUE(net::Listener::Bind("[::1]:0")->is_local());
  EXPECT_FALSE(net::Listener::Bind("0.0.0.0:0")->is_local());
  EXPECT_FALSE(net::Listener::Bind("[::]:0")->is_local());
}

TEST(Listener, TakesTheSamePortOfBothProtocols) {
  const auto v4 = net::Listener::Bind("127.0.0.1:0");
  ASSERT_TRUE(v4.has_value());
  const auto v6 = net::Listener::Bind("[::]:" + std::to_string(v4->port()));
  EXPECT_TRUE(v6.has_value()) << v6.error().detail;
}

}  // namespace
}  // namespace portal::testing
