#include "net/connection.h"

#include <gtest/gtest.h>
#include <sys/epoll.h>

#include <string>

#include "connection_harness.h"

namespace portal::net::connection_test {
namespace {

TEST(Connection, WaitsForTheDiskOnThePool) {
  bool was_cold = false;  // not every file system can
  bool has_waited = false;
  // The system may read it again before the connection looks, for a reason of its own.
  for (int attempt = 0; attempt < 10 && !has_waited; ++attempt) {
    Harness harness;
    harness.Open();
    harness.DropFileFromMemory();
    was_cold |= harness.NothingOfTheFileIsInMemory();
    harness.Send(kFile);
    has_waited = harness.connection.state() == State::kWaiting;
    while (harness.connection.state() == State::kWaiting) harness.AwaitPool();
    harness.GiveTurns();
    while (harness.connection.state() == State::kWaiting) harness.AwaitPool();
    EXPECT_EQ(harness.connection.state(), State::kIdle);
    EXPECT_TRUE(harness.peer.output.ends_with(std::string(kFileBytes, 'f')));
  }
  EXPECT_TRUE(has_waited || !was_cold);  // part of it in memory says nothing: it may be any part
}

TEST(Connection, AnswersThatThePoolIsFull) {
  Harness harness(0);
  harness.Open();
  harness.Send(kSlow);
  EXPECT_EQ(harness.connection.state(), State::kIdle);
  EXPECT_TRUE(harness.peer.output.starts_with("HTTP/1.1 503 ")) << harness.peer.output;
}

TEST(Connection, LetsThePageReadWhatWaitedForThePoolOrFoundItFull) {
  for (const auto& [queue, status] : {std::pair{8u, "HTTP/1.1 200 "}, std::pair{0u, "HTTP/1.1 503 "}}) {
    Harness harness(queue);
    harness.Open();
    harness.Send("GET /slow HTTP/1.1\r\nHost: t\r\nOrigin: http://t\r\n\r\n");
    if (harness.connection.state() == State::kWaiting) harness.AwaitPool();
    EXPECT_TRUE(harness.peer.output.starts_with(status)) << harness.peer.output;
    EXPECT_NE(harness.peer.output.find("\r\nAccess-Control-Allow-Origin: http://t\r\n"), std::string::npos);
    EXPECT_NE(harness.peer.output.find("\r\nVary: Origin\r\n"), std::string::npos);
  }
}

TEST(Connection, AnswersPipelinedRequestsInOrderAcrossThePool) {
  Harness harness;
  harness.Open();
  harness.Send(kEcho + kSlow + kEchoAndClose);
  EXPECT_EQ(harness.peer.output.find("bye"), std::string::npos);
  harness.AwaitPool();
  const std::size_t first = harness.peer.output.find("hello");
  const std::size_t second = harness.peer.output.find("slow");
  const std::size_t third = harness.peer.output.find("bye");
  EXPECT_LT(first, second);
  EXPECT_LT(second, third);
  EXPECT_NE(third, std::string::npos);
  EXPECT_EQ(harness.connection.state(), State::kClosed);
}

TEST(Connection, TakesBackWhatASlowClientHasNotRead) {
  Harness harness;
  BeginLarge(harness);
  harness.Advance(kDurations[static_cast<std::size_t>(DeadlineKind::kSend)]);
  EXPECT_TRUE(harness.peer.aborted);
  EXPECT_EQ(harness.counters().late[static_cast<std::size_t>(DeadlineKind::kSend)].read(), 1u);
}

TEST(Connection, TakesBackWhatAnIdleClientHasNotReadWhenItGivesWay) {
  for (const std::size_t unconfirmed : {0u, 1u}) {
    Harness harness;
    harness.Open();
    harness.Send(kEcho);
    harness.peer.unconfirmed = unconfirmed;
    harness.connection.GiveWay();
    EXPECT_TRUE(harness.peer.closed);
    EXPECT_EQ(harness.peer.aborted, unconfirmed > 0);
  }
}

TEST(Connection, SendsTheEndBeforeItDropsInput) {
  Harness harness;
  StartLingering(harness);
  EXPECT_TRUE(harness.peer.end_was_sent);
  EXPECT_FALSE(harness.peer.closed);
  EXPECT_TRUE(harness.peer.output.starts_with("HTTP/1.1 400 ")) << harness.peer.output;
  EXPECT_EQ(harness.counters().refused_heads[static_cast<std::size_t>(ErrorCode::kBadRequest)].read(), 1u);
}

TEST(Connection, CountsHandshakesByHowTheyWent) {
  for (const bool resumed : {false, true}) {
    Harness harness;
    harness.peer.resumed = resumed;
    OpenSecure(harness, {});
    harness.Tell(EPOLLIN);
    EXPECT_EQ(harness.counters().resumed_handshakes.read(), resumed ? 1u : 0u);
    EXPECT_EQ(harness.counters().full_handshakes.read(), resumed ? 0u : 1u);
  }
  for (const Handshake wrong : {Handshake::kError, Handshake::kPlainText, Handshake::kBlock}) {
    Harness harness;
    OpenSecure(harness, {wrong});
    harness.Tell(EPOLLIN);
    if (wrong == Handshake::kBlock) harness.Tell(EPOLLHUP);
    EXPECT_EQ(harness.counters().failed_handshakes.read(), 1u);
  }
}

TEST(Connection, AnswersTheSameHoweverTheRequestIsSplit) {
  const std::string requests = kEcho + "GET /nowhere HTTP/1.1\r\nHost: t\r\n\r\n" + kEchoAndClose;
  for (std::size_t split = 1; split < requests.size(); ++split) {
    SCOPED_TRACE(split);
    Harness harness;
    harness.Open();
    harness.Send(requests.substr(0, split));
    harness.Send(requests.substr(split));
    ASSERT_EQ(harness.connection.state(), State::kClosed);
    EXPECT_NE(harness.peer.output.find("hello"), std::string::npos);
    EXPECT_NE(harness.peer.output.find("HTTP/1.1 404 "), std::string::npos);
    EXPECT_TRUE(harness.peer.output.ends_with("bye"));
  }
}

TEST(Connection, SendsTheSameHoweverLittleRoomThereIs) {
  for (const std::size_t room : {1u, 7u, 100u, 4'096u}) {
    SCOPED_TRACE(room);
    Harness harness;
    harness.Open();
    harness.peer.room = 0;
    harness.Send(kLarge + kEchoAndClose);
    while (harness.connection.is_open()) harness.MakeRoom(room);
    EXPECT_NE(harness.peer.output.find("\r\n\r\n" + std::string(kLargeBytes, 'l') + "HTTP/1.1 200 OK"),
              std::string::npos);
    EXPECT_TRUE(harness.peer.output.ends_with("bye"));
  }
}

}  // namespace
}  // namespace portal::net::connection_test
