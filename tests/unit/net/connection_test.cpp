#include "net/connection.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/epoll.h>

#include <fstream>
#include <functional>
#include <string>
#include <vector>

#include "base/logger.h"
#include "http/pipeline.h"
#include "net/slow_pool.h"
#include "support/manual_clock.h"
#include "support/scripted_transport.h"
#include "support/temp_folder.h"

namespace portal::net {
namespace {

using base::ErrorCode;
using std::chrono::milliseconds;
using State = ConnectionState;
using testing::PeerScript;

constexpr Deadlines::Durations kDurations = {milliseconds(1'000), milliseconds(6'000), milliseconds(2'000),
                                             milliseconds(3'000), milliseconds(500)};
constexpr std::uint64_t kLeastTaken = 1'000;
constexpr std::size_t kLargeBytes = 100'000;
constexpr std::size_t kFileBytes = 3 << 20;
const std::string kEcho = "GET /echo/hello HTTP/1.1\r\nHost: t\r\n\r\n";
const std::string kEchoAndClose = "GET /echo/bye HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n";
const std::string kLarge = "GET /large HTTP/1.1\r\nHost: t\r\n\r\n";
const std::string kFile = "GET /file HTTP/1.1\r\nHost: t\r\n\r\n";
const std::string kSlow = "GET /slow HTTP/1.1\r\nHost: t\r\n\r\n";

class NobodyIsKnown final : public http::Authenticator {
 public:
  base::Result<http::Identity> CheckBearer(base::WorkerId, std::string_view, base::WallTime) override {
    return base::Fail(ErrorCode::kInvalidToken, "Unknown token");
  }
  base::Result<http::FileGrant> CheckSignedUrl(base::WorkerId, std::string_view, base::WallTime) override {
    return base::Fail(ErrorCode::kSignatureInvalid, "Unknown signature");
  }
};

/// One connection, a scripted peer, and the test as its event loop. The pool and the pipeline are real.
class Harness {
 public:
  explicit Harness(std::size_t pool_queue = 8) : pool_(pipeline_, 1, 1, pool_queue) {
    std::ofstream(folder_.path() / "file", std::ios::binary) << std::string(kFileBytes, 'f');
  }

  void Open() { connection.Open(std::make_unique<testing::ScriptedTransport>(peer), Peer{}); }

  /// The peer sends; the loop tells.
  void Send(std::string_view bytes) {
    peer.input += bytes;
    Tell(EPOLLIN);
  }

  /// Epoll says so. A handshake has its turn at once.
  void Tell(std::uint32_t events) {
    const bool shaking = connection.state() == State::kHandshake;
    connection.OnEvents(events);
    if (shaking) GiveTurns();
  }

  /// Whoever has more to do goes on, until nobody has.
  void GiveTurns() {
    while (!loop.turns.empty()) {
      const ConnectionRef next = loop.turns.front();
      loop.turns.pop_front();
      if (connection.is_open() && next.generation == connection.ref().generation) connection.OnTurn();
    }
  }

  void MakeRoom(std::size_t bytes) {
    peer.room += bytes;
    connection.OnEvents(EPOLLOUT);
    GiveTurns();
  }

  /// Time passes, and whoever is late by then is told.
  void Advance(milliseconds time) {
    clock_.Advance(time);
    loop.now = clock_.Monotonic();
    while (const auto due = loop.deadlines.TakeDue(loop.now)) connection.OnDeadline(due->kind);
  }

  /// Waits for the pool, as the loop does through epoll.
  void AwaitPool() {
    std::vector<Message> messages;
    while (messages.empty()) mailbox_.Take(messages);
    for (Message& message : messages) connection.OnPoolDone(std::move(std::get<PoolDone>(message).exchange));
    GiveTurns();
  }

  std::uint64_t CountOf(State state) const { return counters_.connections[static_cast<std::size_t>(state)].read(); }
  const LoopCounters& counters() const { return counters_; }

  bool FileIsInMemory() const {
    const base::UniqueFd fd(::open((folder_.path() / "file").c_str(), O_RDONLY | O_CLOEXEC));
    char byte = 0;
    const iovec into{&byte, 1};
    return ::preadv2(fd.get(), &into, 1, 0, RWF_NOWAIT) == 1;
  }
  void DropFileFromMemory() const {
    const base::UniqueFd fd(::open((folder_.path() / "file").c_str(), O_RDWR | O_CLOEXEC));
    ::fsync(fd.get());
    ::posix_fadvise(fd.get(), 0, 0, POSIX_FADV_DONTNEED);
  }

  PeerScript peer;

 private:
  std::vector<http::Route> Routes() {
    const auto text = [](std::string body) {
      http::Response response;
      response.body = std::move(body);
      return response;
    };
    return {
        {"/echo/{text}", http::RouteAccess::kPublic,
         [text](const http::Request& request) { return text(request.path_parameters[0]); }},
        {"/large", http::RouteAccess::kPublic,
         [text](const http::Request&) { return text(std::string(kLargeBytes, 'l')); }},
        {"/slow", http::RouteAccess::kPublic,
         [text](const http::Request& request) -> base::Result<http::Response> {
           if (request.budget == http::ReadBudget::kLoop) return base::Fail(ErrorCode::kOverBudget, "");
           return text("slow");
         }},
        {"/file", http::RouteAccess::kPublic, [this](const http::Request&) {
           http::Response response;
           const std::string path = folder_.path() / "file";
           response.file = http::FileRegion{base::UniqueFd(::open(path.c_str(), O_RDONLY | O_CLOEXEC)), 0, kFileBytes};
           return response;
         }}};
  }

  testing::TempFolder folder_;
  testing::ManualClock clock_;
  base::UniqueFd no_log_{::open("/dev/null", O_WRONLY | O_CLOEXEC)};
  base::Logger logger_{clock_, no_log_.get(), base::LogLevel::kInfo};
  NobodyIsKnown authenticator_;
  http::Router router_{Routes()};
  http::Pipeline pipeline_{router_, authenticator_, clock_, logger_, http::Pipeline::Options{}};
  Mailbox mailbox_;
  SlowPool pool_;
  LoopCounters counters_;

 public:
  LoopContext loop{pipeline_,         pool_, mailbox_, base::WorkerId{0}, counters_, Deadlines(kDurations), kLeastTaken,
                   clock_.Monotonic()};
  Connection connection{loop, 0};
};

struct Transition {
  const char* name;
  std::function<void(Harness&)> drive;
  State expected;
};

void OpenSecure(Harness& h, std::deque<Handshake> handshakes) {
  h.peer.secure = true;
  h.peer.handshakes = std::move(handshakes);
  h.Open();
}

/// Part of an answer has been sent, and there is no room for the rest.
void BeginLarge(Harness& h) {
  h.Open();
  h.peer.room = 5'000;
  h.Send(kLarge);
}

void StartLingering(Harness& h) {
  h.Open();
  h.Send("BAD\r\n\r\n");
}

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

TEST(Connection, WaitsForTheDiskOnThePool) {
  Harness harness;
  harness.Open();
  harness.DropFileFromMemory();
  const bool cold = !harness.FileIsInMemory();  // not every file system can
  harness.Send(kFile);
  EXPECT_EQ(harness.connection.state(), cold ? State::kWaiting : State::kSending);
  while (harness.connection.state() == State::kWaiting) harness.AwaitPool();
  harness.GiveTurns();
  while (harness.connection.state() == State::kWaiting) harness.AwaitPool();
  EXPECT_EQ(harness.connection.state(), State::kIdle);
  EXPECT_TRUE(harness.peer.output.ends_with(std::string(kFileBytes, 'f')));
}

TEST(Connection, AnswersThatThePoolIsFull) {
  Harness harness(0);
  harness.Open();
  harness.Send(kSlow);
  EXPECT_EQ(harness.connection.state(), State::kIdle);
  EXPECT_TRUE(harness.peer.output.starts_with("HTTP/1.1 503 ")) << harness.peer.output;
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
}  // namespace portal::net
