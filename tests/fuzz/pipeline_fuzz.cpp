// The whole data plane over memory: bytes in, net::Connection driven as its event loop drives it, the real routes
// on a real store, bytes out. What is required of every answer is in fuzz/answers.cpp; here: each request has one,
// in order, however the bytes arrive and leave, until one closes; then nothing more, and nothing is left behind.
//
// Input: a byte of choices, one for how the connection ends, one from which the pieces are derived, one for how they
// are cut, then what the client sends.

#include <poll.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <memory>
#include <string_view>
#include <vector>

#include "fuzz/answers.h"
#include "fuzz/input.h"
#include "fuzz/memory_portal.h"
#include "fuzz/memory_transport.h"
#include "fuzz/require.h"
#include "net/connection.h"

namespace portal::fuzz {
namespace {

constexpr std::size_t kUnlimited = std::numeric_limits<std::size_t>::max();

/// How the client's end behaves.
struct Client {
  enum class End : std::uint8_t {
    kHangsUp,    ///< once it has all answers
    kIsSilent,   ///< and the deadlines pass
    kIsDrained,  ///< the portal stops, then the deadlines pass
    kResets,     ///< in the middle
    kStalls,     ///< takes no more, and the deadlines pass
  };
  End end = End::kHangsUp;
  bool secure = false;
  bool ends_early = false;   ///< says that it sends no more with its last bytes
  std::uint32_t pieces = 0;  ///< the next random number
  std::size_t arrives = kUnlimited;
  std::size_t takes = kUnlimited;

  std::size_t Random(std::size_t below) {
    pieces = pieces * 1664525 + 1013904223;
    return (pieces >> 16) % below;
  }
  std::size_t Arriving() { return arrives == kUnlimited ? kUnlimited : 1 + Random(arrives); }
  std::size_t Taking(std::size_t taken) {
    constexpr std::size_t kSlowBytes = 4096;  // a large file byte by byte would take all day
    if (takes == kUnlimited || taken < kSlowBytes) return takes == kUnlimited ? kUnlimited : 1 + Random(takes);
    return 1 + Random(256 * takes);
  }
};

/// One connection, driven as an event loop would.
class Run {
 public:
  Run(MemoryPortal& portal, net::LoopContext& loop, std::string_view input, Client client)
      : portal_(portal), loop_(loop), client_(client), connection_(loop, 0) {
    wire_.input = input;
    wire_.secure = client.secure;
    wire_.room = client_.Taking(0);
    connection_.Open(std::make_unique<MemoryTransport>(wire_), {});
    if (client.secure) Tell(EPOLLOUT);
  }

  /// Until the client has sent everything and has all answers, or gives up in between.
  void Talk() {
    const bool gives_up = client_.end == Client::End::kResets || client_.end == Client::End::kStalls;
    std::size_t steps_left = gives_up ? client_.Random(40) : kUnlimited;
    while (connection_.is_open() && steps_left-- > 0 && Step()) continue;
  }

  void End() {
    switch (client_.end) {
      case Client::End::kHangsUp:
        wire_.input_ended = true;
        if (connection_.is_open()) Tell(EPOLLIN | EPOLLRDHUP);
        while (connection_.is_open() && Step()) continue;
        break;
      case Client::End::kResets:
        Reset();
        break;
      case Client::End::kIsDrained:
        wire_.room = kUnlimited;
        loop_.draining = true;
        if (connection_.is_open()) connection_.OnDrain();
        PassDeadlines();
        break;
      case Client::End::kIsSilent:
        wire_.room = kUnlimited;
        PassDeadlines();
        break;
      case Client::End::kStalls:
        wire_.room = 0;
        PassDeadlines();
        break;
    }
    Require(!connection_.is_open() && wire_.closed, "every connection ends");
    Require(!loop_.deadlines.Next(), "a closed connection has no deadline");
    for (const net::Counter& count : loop_.counters.connections) {
      Require(count.read() == 0, "a closed connection is not counted");
    }
    loop_.draining = false;
    loop_.turns.clear();
  }

  const Wire& wire() const { return wire_; }

 private:
  void Tell(std::uint32_t events) { connection_.OnEvents(events); }
  bool IsIn(net::ConnectionState state) const { return connection_.state() == state; }

  /// Something of what can happen next. False when nothing can before time passes or the client hangs up.
  bool Step() {
    const bool can_arrive = wire_.arrived < wire_.input.size();
    const bool can_take = wire_.room == 0 && IsIn(net::ConnectionState::kSending);
    const std::array<bool, 4> possible = {can_arrive, can_take, !loop_.turns.empty(),
                                          IsIn(net::ConnectionState::kWaiting)};
    if (std::find(possible.begin(), possible.end(), true) == possible.end()) return false;
    std::size_t choice = client_.Random(possible.size());
    while (!possible[choice]) choice = (choice + 1) % possible.size();
    switch (choice) {
      case 0:
        Arrive();
        break;
      case 1:
        wire_.room = client_.Taking(wire_.output.size());
        Tell(EPOLLOUT);
        break;
      case 2:
        GiveTurn();
        break;
      default:
        AwaitPool();
    }
    return true;
  }

  void Arrive() {
    const bool is_busy = IsIn(net::ConnectionState::kSending) || IsIn(net::ConnectionState::kWaiting);
    const std::size_t received = wire_.received;
    wire_.arrived += std::min(client_.Arriving(), wire_.input.size() - wire_.arrived);
    wire_.input_ended = client_.ends_early && wire_.arrived == wire_.input.size();
    Tell(wire_.input_ended ? EPOLLIN | EPOLLRDHUP : EPOLLIN);
    Require(!is_busy || wire_.received == received, "nothing is read while an answer is on its way");
  }

  void GiveTurn() {
    loop_.turns.pop_front();
    connection_.OnTurn();
  }

  void AwaitPool() {
    for (net::PoolDone& done : PoolAnswers()) connection_.OnPoolDone(std::move(done.exchange));
  }

  /// What the pool still has goes nowhere.
  void Reset() {
    const bool waits = IsIn(net::ConnectionState::kWaiting);
    if (connection_.is_open()) Tell(EPOLLIN | EPOLLOUT | EPOLLERR | EPOLLHUP);
    if (!waits) return;
    for (const net::PoolDone& done : PoolAnswers()) done.exchange->LogAborted(portal_.pipeline());
  }

  std::vector<net::PoolDone> PoolAnswers() {
    constexpr int kLongestMilliseconds = 10'000;
    std::vector<net::Message> messages;
    while (messages.empty()) {
      pollfd ready{portal_.mailbox().fd(), POLLIN, 0};
      Require(::poll(&ready, 1, kLongestMilliseconds) == 1, "the pool answers");
      portal_.mailbox().Take(messages);
    }
    std::vector<net::PoolDone> answers;
    for (net::Message& message : messages) answers.push_back(std::move(std::get<net::PoolDone>(message)));
    return answers;
  }

  void PassDeadlines() {
    constexpr int kMost = 1000;
    for (int i = 0; connection_.is_open() && i < kMost; ++i) {
      if (!loop_.turns.empty()) {
        GiveTurn();
      } else if (IsIn(net::ConnectionState::kWaiting)) {
        AwaitPool();
      } else {
        Require(loop_.deadlines.Next().has_value(), "no connection waits for ever");
        loop_.now = *loop_.deadlines.Next();
        const auto due = loop_.deadlines.TakeDue(loop_.now);
        Require(due.has_value(), "a deadline is due at its time");
        connection_.OnDeadline(due->kind);
      }
    }
  }

  MemoryPortal& portal_;
  net::LoopContext& loop_;
  Client client_;
  Wire wire_;
  net::Connection connection_;
};

/// The same bytes from a client that sends them in one piece and takes all there is.
std::vector<Answer> Reference(MemoryPortal& portal, net::LoopContext& loop, std::string_view input,
                              const Conversation& conversation, bool secure) {
  Client client;
  client.secure = secure;
  Run run(portal, loop, input, client);
  run.Talk();
  run.End();
  const bool cut = run.wire().output.size() >= Wire::kMostOutput;
  auto answers = ReadAnswers(run.wire().output, conversation.requests, secure, cut);
  const bool ended = !answers.empty() && (answers.back().closes || !answers.back().whole);
  Require(ended || answers.size() == conversation.requests.size(), "every request has an answer");
  return answers;
}

/// What a client that gave up has got is the beginning of what there was.
void RequireBeginning(const std::vector<Answer>& got, const std::vector<Answer>& all) {
  Require(got.size() <= all.size(), "a client that gives up gets no more than others");
  for (std::size_t i = 0; i < got.size(); ++i) {
    Require(!got[i].whole || got[i] == all[i], "and the same, as far as it goes");
  }
}

Client MakeClient(Input& input) {
  constexpr std::array<std::size_t, 5> kPieces = {kUnlimited, 1, 4, 100, 2000};
  const std::uint8_t choices = input.Byte();
  Client client;
  client.secure = (choices & 1) != 0;
  client.ends_early = (choices & 2) != 0;
  client.end = static_cast<Client::End>(input.Below(5));
  client.pieces = input.Byte();
  const std::size_t cuts = input.Byte();
  client.arrives = kPieces[cuts % kPieces.size()];
  client.takes = kPieces[cuts / kPieces.size() % kPieces.size()];
  return client;
}

/// The lowest free descriptor: the same before and after when none was left open.
int FreeDescriptor() {
  const int fd = ::dup(STDERR_FILENO);
  ::close(fd);
  return fd;
}

net::Deadlines::Durations Minutes() {
  net::Deadlines::Durations durations;
  durations.fill(std::chrono::minutes(1));
  return durations;
}

void Test(Input input) {
  static MemoryPortal portal;
  const Client client = MakeClient(input);
  const std::string_view bytes = input.Rest();
  const Conversation conversation = ReadConversation(bytes);

  const int free_descriptor = FreeDescriptor();
  net::LoopCounters counters;
  net::LoopContext loop{portal.pipeline(),
                        portal.pool(),
                        portal.mailbox(),
                        base::WorkerId{0},
                        counters,
                        net::Deadlines(Minutes()),
                        1,
                        portal.clock().Monotonic()};
  const auto expected = Reference(portal, loop, bytes, conversation, client.secure);

  Run run(portal, loop, bytes, client);
  run.Talk();
  const std::size_t talked = run.wire().output.size();
  run.End();
  const std::string_view output = run.wire().output;
  Require(FreeDescriptor() == free_descriptor, "no descriptor is left open");

  if (client.end == Client::End::kResets || client.end == Client::End::kStalls) {
    return RequireBeginning(ReadAnswers(output, conversation.requests, client.secure, true), expected);
  }
  const bool cut = talked >= Wire::kMostOutput;
  Require(ReadAnswers(output.substr(0, talked), conversation.requests, client.secure, cut) == expected,
          "the answers do not depend on how bytes come and go");
  const std::string_view last = output.substr(talked);
  const bool closed = !expected.empty() && (expected.back().closes || !expected.back().whole);
  const bool is_late = client.end != Client::End::kHangsUp && conversation.unfinished && !closed && !client.ends_early;
  if (!is_late) return Require(last.empty(), "nothing comes after the answers");
  const auto late = ReadAnswers(last, {*conversation.unfinished}, client.secure, false);
  Require(late.size() == 1 && late[0].status == 408, "an unfinished head is told that it is late");
}

}  // namespace
}  // namespace portal::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  portal::fuzz::Test({data, size});
  return 0;
}
