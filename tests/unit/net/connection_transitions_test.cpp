#include <gtest/gtest.h>
#include <sys/epoll.h>

#include <functional>
#include <string>
#include <vector>

#include "connection_harness.h"

namespace portal::net::connection_test {
namespace {

struct Transition {
  const char* name;
  std::function<void(Harness&)> drive;
  State expected;
};

// The table of docs/architecture.md, row by row.
const std::vector<Transition> kTransitions = {
    {"a plain client comes", [](Harness& h) { h.Open(); }, State::kIdle},
    {"a TLS client comes", [](Harness& h) { OpenSecure(h, {}); }, State::kHandshake},

    {"handshake: more is needed",
     [](Harness& h) {
       OpenSecure(h, {Handshake::kBlock});
       h.Tell(EPOLLIN);
     },
     State::kHandshake},
    {"handshake: agreed",
     [](Harness& h) {
       OpenSecure(h, {Handshake::kBlock});
       h.Tell(EPOLLIN);
       h.Tell(EPOLLOUT);
     },
     State::kIdle},
    {"handshake: the first request came with its last bytes",
     [](Harness& h) {
       OpenSecure(h, {});
       h.Send(kEcho.substr(0, 9));
     },
     State::kHead},
    {"handshake: plain HTTP, its head is yet to come",
     [](Harness& h) {
       OpenSecure(h, {Handshake::kPlainText});
       h.Tell(EPOLLIN);
     },
     State::kIdle},
    {"handshake: plain HTTP is refused",
     [](Harness& h) {
       OpenSecure(h, {Handshake::kPlainText});
       h.Send(kEcho);
     },
     State::kLingering},
    {"handshake: fails",
     [](Harness& h) {
       OpenSecure(h, {Handshake::kError});
       h.Tell(EPOLLIN);
     },
     State::kClosed},
    {"handshake: late",
     [](Harness& h) {
       OpenSecure(h, {});
       h.Advance(milliseconds(1'000));
     },
     State::kClosed},

    {"idle: an empty line begins nothing",
     [](Harness& h) {
       h.Open();
       h.Send("\r\n");
     },
     State::kIdle},
    {"idle: part of a head",
     [](Harness& h) {
       h.Open();
       h.Send("G");
     },
     State::kHead},
    {"idle: a whole head, answered at once",
     [](Harness& h) {
       h.Open();
       h.Send(kEcho);
     },
     State::kIdle},
    {"idle: two heads and part of a third",
     [](Harness& h) {
       h.Open();
       h.Send(kEcho + kEcho + "GET");
     },
     State::kHead},
    {"idle: late",
     [](Harness& h) {
       h.Open();
       h.Advance(milliseconds(6'000));
     },
     State::kClosed},
    {"idle: late, whatever came that begins nothing",
     [](Harness& h) {
       h.Open();
       for (int i = 0; i < 3; ++i) {
         h.Advance(milliseconds(2'000));
         h.Send(i == 1 ? "\r" : "");
       }
     },
     State::kClosed},
    {"idle: part of a record that may hold a head",
     [](Harness& h) {
       h.Open();
       h.peer.partial = true;
       h.Tell(EPOLLIN);
     },
     State::kHead},
    {"idle: late, while the client takes what it was sent",
     [](Harness& h) {
       h.Open();
       h.Send(kEcho);
       h.peer.unconfirmed = 3 * kLeastTaken;
       h.Advance(milliseconds(6'000));
       h.peer.unconfirmed -= kLeastTaken;
       h.Advance(milliseconds(3'000));
     },
     State::kIdle},
    {"idle: late, and the client takes too little of what it was sent",
     [](Harness& h) {
       h.Open();
       h.Send(kEcho);
       h.peer.unconfirmed = 3 * kLeastTaken;
       h.Advance(milliseconds(6'000));
       h.peer.unconfirmed -= kLeastTaken - 1;
       h.Advance(milliseconds(3'000));
     },
     State::kClosed},
    {"idle: asks again after it was late with taking",
     [](Harness& h) {
       h.Open();
       h.Send(kEcho);
       h.peer.unconfirmed = 100;
       h.Advance(milliseconds(6'000));
       h.peer.unconfirmed = 0;
       h.Send(kEcho);
       h.Advance(milliseconds(5'999));
     },
     State::kIdle},
    {"idle: the client is done",
     [](Harness& h) {
       h.Open();
       h.peer.ended = true;
       h.Tell(EPOLLIN | EPOLLRDHUP);
     },
     State::kClosed},
    {"idle: draining after an answer and an empty line",
     [](Harness& h) {
       h.Open();
       h.Send(kEcho + "\r\n");
       h.loop.draining = true;
       h.connection.OnDrain();
     },
     State::kClosed},
    {"idle: draining after an answer",
     [](Harness& h) {
       h.Open();
       h.Send(kEcho);
       h.loop.draining = true;
       h.connection.OnDrain();
     },
     State::kClosed},
    {"idle: draining before the first request",
     [](Harness& h) {
       h.Open();
       h.loop.draining = true;
       h.connection.OnDrain();
     },
     State::kIdle},
    {"idle: draining, and the first request comes",
     [](Harness& h) {
       h.Open();
       h.loop.draining = true;
       h.connection.OnDrain();
       h.Send(kEcho);
     },
     State::kLingering},
    {"idle: draining, and the first request does not come",
     [](Harness& h) {
       h.Open();
       h.loop.draining = true;
       h.connection.OnDrain();
       h.Advance(milliseconds(500));
     },
     State::kClosed},
    {"idle: draining, while the client has yet to take the last answer",
     [](Harness& h) {
       h.Open();
       h.Send(kEcho);
       h.peer.unconfirmed = 100;
       h.loop.draining = true;
       h.connection.OnDrain();
     },
     State::kLingering},

    {"head: its rest, answered at once",
     [](Harness& h) {
       h.Open();
       h.Send(kEcho.substr(0, 9));
       h.Send(kEcho.substr(9));
     },
     State::kIdle},
    {"head: its rest is wrong",
     [](Harness& h) {
       h.Open();
       h.Send(kEcho.substr(0, 9));
       h.Send("\r\n\r\n");
     },
     State::kLingering},
    {"head: late",
     [](Harness& h) {
       h.Open();
       h.Send("GET");
       h.Advance(milliseconds(1'000));
       h.Send(" /echo");
       h.Advance(milliseconds(1'000));
     },
     State::kLingering},
    {"head: the client is done",
     [](Harness& h) {
       h.Open();
       h.Send("GET");
       h.peer.ended = true;
       h.Tell(EPOLLIN | EPOLLRDHUP);
     },
     State::kClosed},
    {"head: draining",
     [](Harness& h) {
       h.Open();
       h.Send("GET");
       h.loop.draining = true;
       h.connection.OnDrain();
     },
     State::kHead},

    {"whole head: the last one, and nothing can come",
     [](Harness& h) {
       h.Open();
       h.Send(kEchoAndClose);
     },
     State::kClosed},
    {"whole head: the last one, and more has come",
     [](Harness& h) {
       h.Open();
       h.Send(kEchoAndClose + kEcho);
     },
     State::kLingering},
    {"whole head: the last one, and its answer is large",
     [](Harness& h) {
       h.Open();
       h.Send("GET /large HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n");
     },
     State::kLingering},
    {"whole head: its answer does not fit", BeginLarge, State::kSending},
    {"whole head: over budget",
     [](Harness& h) {
       h.Open();
       h.Send(kSlow);
     },
     State::kWaiting},

    {"waiting: the pool is done",
     [](Harness& h) {
       h.Open();
       h.Send(kSlow);
       h.AwaitPool();
     },
     State::kIdle},
    {"waiting: more requests have to wait, too",
     [](Harness& h) {
       h.Open();
       h.Send(kSlow + kEcho);
     },
     State::kWaiting},
    {"waiting: no deadline",
     [](Harness& h) {
       h.Open();
       h.Send(kSlow);
       h.Advance(std::chrono::hours(1));
     },
     State::kWaiting},
    {"waiting: draining",
     [](Harness& h) {
       h.Open();
       h.Send(kSlow);
       h.loop.draining = true;
       h.connection.OnDrain();
     },
     State::kWaiting},
    {"waiting: hung up",
     [](Harness& h) {
       h.Open();
       h.Send(kSlow);
       h.Tell(EPOLLHUP);
     },
     State::kClosed},

    {"sending: some room",
     [](Harness& h) {
       BeginLarge(h);
       h.MakeRoom(5'000);
     },
     State::kSending},
    {"sending: room for all of it",
     [](Harness& h) {
       BeginLarge(h);
       h.MakeRoom(kLargeBytes);
     },
     State::kIdle},
    {"sending: taken, but not handed on",
     [](Harness& h) {
       h.Open();
       h.peer.stuck_in_flush = true;
       h.Send(kEcho);
     },
     State::kSending},
    {"sending: taken and handed on",
     [](Harness& h) {
       h.Open();
       h.peer.stuck_in_flush = true;
       h.Send(kEcho);
       h.peer.stuck_in_flush = false;
       h.MakeRoom(0);
     },
     State::kIdle},
    {"sending: a turn is over",
     [](Harness& h) {
       h.Open();
       h.Send(kFile);
     },
     State::kSending},
    {"sending: all turns were had",
     [](Harness& h) {
       h.Open();
       h.Send(kFile);
       h.GiveTurns();
     },
     State::kIdle},
    {"sending: the client takes enough by each deadline",
     [](Harness& h) {
       BeginLarge(h);
       for (int i = 0; i < 5; ++i) {
         h.MakeRoom(kLeastTaken);
         h.Advance(milliseconds(3'000));
       }
     },
     State::kSending},
    {"sending: the client takes too little by its deadline",
     [](Harness& h) {
       BeginLarge(h);
       h.MakeRoom(kLeastTaken - 1);
       h.Advance(milliseconds(3'000));
     },
     State::kClosed},
    {"sending: the client's kernel confirms what was sent before",
     [](Harness& h) {
       h.peer.unconfirmed = 5'000;
       BeginLarge(h);
       h.peer.unconfirmed = 4'000;
       h.Advance(milliseconds(3'000));
     },
     State::kSending},
    {"sending: the client is gone",
     [](Harness& h) {
       BeginLarge(h);
       h.peer.broken = true;
       h.MakeRoom(0);
     },
     State::kClosed},
    {"sending: hung up",
     [](Harness& h) {
       BeginLarge(h);
       h.Tell(EPOLLERR);
     },
     State::kClosed},
    {"sending: done, draining",
     [](Harness& h) {
       BeginLarge(h);
       h.loop.draining = true;
       h.connection.OnDrain();
       h.MakeRoom(kLargeBytes);
     },
     State::kClosed},

    {"lingering: input is dropped",
     [](Harness& h) {
       StartLingering(h);
       h.GiveTurns();
       h.Send(kEcho);
     },
     State::kLingering},
    {"lingering: the client is done",
     [](Harness& h) {
       StartLingering(h);
       h.peer.ended = true;
       h.GiveTurns();
     },
     State::kClosed},
    {"lingering: late, while the client takes its answer",
     [](Harness& h) {
       StartLingering(h);
       h.peer.unconfirmed = 5'000;
       h.Advance(milliseconds(500));
     },
     State::kLingering},
    {"lingering: late, and the client does not take its answer",
     [](Harness& h) {
       StartLingering(h);
       h.peer.unconfirmed = 5'000;
       h.Advance(milliseconds(500));
       h.Advance(milliseconds(3'000));
     },
     State::kClosed},
    {"lingering: late",
     [](Harness& h) {
       StartLingering(h);
       h.Advance(milliseconds(500));
     },
     State::kClosed},
};

TEST(Connection, GoesFromStateToStateAsTheTableSays) {
  for (const Transition& transition : kTransitions) {
    SCOPED_TRACE(transition.name);
    Harness harness;
    transition.drive(harness);
    EXPECT_EQ(harness.connection.state(), transition.expected);
    std::uint64_t open = 0;
    for (std::size_t i = 0; i < kOpenConnectionStates; ++i) open += harness.CountOf(static_cast<State>(i));
    EXPECT_EQ(open, harness.connection.is_open() ? 1u : 0u);
    if (harness.connection.is_open()) {
      EXPECT_EQ(harness.CountOf(transition.expected), 1u);
    } else {
      EXPECT_TRUE(harness.peer.closed);
    }
  }
}

TEST(Connection, HangsUpFromEveryState) {
  for (const Transition& transition : kTransitions) {
    SCOPED_TRACE(transition.name);
    Harness harness;
    transition.drive(harness);
    if (!harness.connection.is_open()) continue;
    harness.Tell(EPOLLHUP);
    EXPECT_EQ(harness.connection.state(), State::kClosed);
    EXPECT_TRUE(harness.peer.closed);
    EXPECT_EQ(harness.loop.deadlines.Next(), std::nullopt) << "no deadline outlives its connection";
  }
}

}  // namespace
}  // namespace portal::net::connection_test
