#include <gtest/gtest.h>
#include <poll.h>
#include <sys/resource.h>

#include <string>
#include <thread>
#include <vector>

#include "net_fixture.h"

namespace portal::testing {
namespace {

using net::ConnectionState;
using net::HangUp;
using std::chrono::milliseconds;

std::uint64_t HangUps(NetFixture& fixture, HangUp reason) {
  return fixture.server().Counts().hung_up[static_cast<std::size_t>(reason)];
}

std::uint64_t InState(NetFixture& fixture, ConnectionState state) {
  return fixture.server().Counts().connections[static_cast<std::size_t>(state)];
}

/// What the server counts follows what clients see by an instant.
template <typename Condition>
bool Soon(Condition holds) {
  const auto end = std::chrono::steady_clock::now() + RawClient::kPatience;
  while (!holds()) {
    if (std::chrono::steady_clock::now() > end) return false;
    ::poll(nullptr, 0, 1);
  }
  return true;
}

/// As many descriptors as are open now, for as long as it lives.
class NoMoreDescriptors {
 public:
  NoMoreDescriptors() {
    ::getrlimit(RLIMIT_NOFILE, &before_);
    const base::UniqueFd next(::dup(0));
    rlimit none = before_;
    none.rlim_cur = static_cast<rlim_t>(next.get());
    ::setrlimit(RLIMIT_NOFILE, &none);
  }
  ~NoMoreDescriptors() { ::setrlimit(RLIMIT_NOFILE, &before_); }

 private:
  rlimit before_{};
};

TEST(Admission, ClosesTheLongestIdleForANewClientAtTheCap) {
  auto options = NetFixture::OneLoop();
  options.settings.limits.max_connections = 2;
  NetFixture fixture(options);
  RawClient first(fixture.port);
  EXPECT_EQ(first.Get("/echo/1").body, "1");
  RawClient second(fixture.port);
  EXPECT_EQ(second.Get("/echo/2").body, "2");
  EXPECT_EQ(first.Get("/echo/1").body, "1") << "now the second has been idle for longest";
  RawClient third(fixture.port);
  EXPECT_EQ(third.Get("/echo/3").body, "3");
  EXPECT_EQ(second.ReadToEnd(), "");
  EXPECT_EQ(first.Get("/echo/still").body, "still");
  EXPECT_EQ(HangUps(fixture, HangUp::kMadeRoom), 1u);
  EXPECT_EQ(HangUps(fixture, HangUp::kConnectionCap), 0u);
}

TEST(Admission, HangsUpAtTheCapWhereNobodyIsIdle) {
  auto options = NetFixture::OneLoop();
  options.settings.limits.max_connections = 2;
  NetFixture fixture(options);
  std::vector<RawClient> busy;
  for (int i = 0; i < 2; ++i) {
    busy.emplace_back(fixture.port);
    busy.back().Send("GET /echo/busy HTTP/1.1\r\n");
  }
  ASSERT_TRUE(Soon([&] { return InState(fixture, ConnectionState::kHead) == 2; }));
  RawClient too_many(fixture.port);
  EXPECT_EQ(too_many.ReadToEnd(), "");
  EXPECT_EQ(HangUps(fixture, HangUp::kConnectionCap), 1u);
  for (RawClient& client : busy) {
    client.Send("Host: t\r\n\r\n");
    EXPECT_EQ(client.ReadResponse().body, "busy");
  }
}

TEST(Admission, CapsWhatOneAddressMayHave) {
  auto options = NetFixture::OneLoop();
  options.settings.limits.max_connections_per_address = 2;
  NetFixture fixture(options);
  RawClient first(fixture.port);
  EXPECT_EQ(first.Get("/echo/1").body, "1");
  RawClient second(fixture.port);
  EXPECT_EQ(second.Get("/echo/2").body, "2");
  EXPECT_EQ(RawClient(fixture.port).ReadToEnd(), "");
  EXPECT_EQ(HangUps(fixture, HangUp::kAddressCap), 1u);
  second.Close();
  ASSERT_TRUE(Soon([&] { return fixture.server().Counts().open() == 1; }));
  EXPECT_EQ(RawClient(fixture.port).Get("/echo/again").body, "again");
}

TEST(Admission, TakesNewCapsAndDeadlinesWhileItServes) {
  NetFixture fixture;
  RawClient first(fixture.port);
  EXPECT_EQ(first.Get("/echo/1").body, "1");
  net::Settings settings;
  settings.limits.max_connections_per_address = 1;
  settings.limits.head_timeout = milliseconds(50);
  fixture.server().Apply(settings);
  EXPECT_EQ(RawClient(fixture.port).ReadToEnd(), "");
  first.Send("GET /ec");
  EXPECT_EQ(first.ReadResponse().status, 408);
}

TEST(Admission, MakesRoomWhenTheProcessHasNoDescriptorLeft) {
  NetFixture fixture;
  RawClient idle(fixture.port);
  EXPECT_EQ(idle.Get("/echo/x").body, "x");
  RawClient newcomer(RawClient::Unconnected{});
  const NoMoreDescriptors limit;
  newcomer.Connect(fixture.port);
  EXPECT_EQ(newcomer.Get("/echo/new").body, "new");
  EXPECT_EQ(idle.ReadToEnd(), "");
  EXPECT_EQ(HangUps(fixture, HangUp::kMadeRoom), 1u);
}

// With one loop: of two, one may take the descriptor that the other gives up for a moment, and serve the client.
TEST(Admission, HangsUpWhenTheProcessHasNoDescriptorLeftAndRecovers) {
  NetFixture fixture;
  RawClient busy(fixture.port);
  busy.Send("GET /echo/busy HTTP/1.1\r\n");
  ASSERT_TRUE(Soon([&] { return InState(fixture, ConnectionState::kHead) == 1; }));
  std::vector<RawClient> newcomers;
  for (int i = 0; i < 3; ++i) newcomers.emplace_back(RawClient::Unconnected{});
  {
    const NoMoreDescriptors limit;
    for (RawClient& client : newcomers) {
      client.Connect(fixture.port);
      EXPECT_EQ(client.ReadToEnd(), "");
    }
    busy.Send("Host: t\r\n\r\n");
    EXPECT_EQ(busy.ReadResponse().body, "busy");
    EXPECT_EQ(HangUps(fixture, HangUp::kNoDescriptor), 3u);
  }
  EXPECT_EQ(RawClient(fixture.port).Get("/echo/again").body, "again");
}

TEST(Admission, LogsWhatItTurnsAwayWithoutALineForEach) {
  auto options = NetFixture::OneLoop();
  options.settings.limits.max_connections_per_address = 1;
  NetFixture fixture(options);
  RawClient first(fixture.port);
  EXPECT_EQ(first.Get("/echo/1").body, "1");
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < 20; ++i) EXPECT_EQ(RawClient(fixture.port).ReadToEnd(), "");
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(std::chrono::steady_clock::now() - start);
  std::size_t lines = 0;
  for (const std::string& line : fixture.TakeLog()) {
    if (line.find("connections_refused") == std::string::npos) continue;
    ++lines;
    EXPECT_NE(line.find("net.max_connections_per_address"), std::string::npos) << line;
  }
  EXPECT_GE(lines, 1u);
  EXPECT_LE(lines, 2u + static_cast<std::size_t>(seconds.count()));
}

TEST(Server, CountsConnectionsByState) {
  NetFixture fixture;
  RawClient idle(fixture.port), head(fixture.port), waiting(fixture.port), lingering(fixture.port);
  RawClient sending(fixture.port, 4096);
  EXPECT_EQ(idle.Get("/echo/x").body, "x");
  head.Send("GET ");
  waiting.Send("GET /slow/x HTTP/1.1\r\nHost: t\r\n\r\n");
  sending.Send("GET /file HTTP/1.1\r\nHost: t\r\n\r\n");
  lingering.Send("BAD\r\n\r\n");
  EXPECT_EQ(lingering.ReadResponse().status, 400);
  EXPECT_TRUE(Soon([&] {
    const auto& count = fixture.server().Counts().connections;
    const auto of = [&](ConnectionState state) { return count[static_cast<std::size_t>(state)]; };
    return of(ConnectionState::kIdle) == 1 && of(ConnectionState::kHead) == 1 && of(ConnectionState::kWaiting) == 1 &&
           of(ConnectionState::kSending) == 1 && of(ConnectionState::kLingering) == 1;
  }));
  const net::Counts counts = fixture.server().Counts();
  EXPECT_EQ(counts.open(), 5u);
  EXPECT_EQ(counts.addresses, 1u);
  EXPECT_EQ(counts.most_of_one_address, 5u);
  EXPECT_EQ(counts.accepted, 5u);
  EXPECT_EQ(counts.refused_heads[static_cast<std::size_t>(base::ErrorCode::kBadRequest)], 1u);
}

TEST(Server, NoticesALoopThatIsStuck) {
  net::Server::Options options;
  options.loops = 2;
  NetFixture fixture(options);
  EXPECT_TRUE(fixture.server().Beat());
  EXPECT_TRUE(Soon([&] { return fixture.server().Beat(); })) << "idle loops come round when they are asked";
  RawClient client(fixture.port);
  client.Send("GET /stuck HTTP/1.1\r\nHost: t\r\n\r\n");
  WaitForSlowReads(fixture, 1);
  fixture.server().Beat();  // clears what the stuck loop had said before
  for (int i = 0; i < 3; ++i) {
    ::poll(nullptr, 0, 20);  // time for the other loop, which does come round
    EXPECT_FALSE(fixture.server().Beat());
  }
  fixture.gate.release();
  EXPECT_EQ(client.ReadResponse().body, "free again");
  EXPECT_TRUE(Soon([&] { return fixture.server().Beat(); }));
}

}  // namespace
}  // namespace portal::testing
