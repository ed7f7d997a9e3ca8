#pragma once

#include <poll.h>
#include <sys/epoll.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <memory>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "fuzz/memory_portal.h"
#include "fuzz/memory_transport.h"
#include "fuzz/require.h"
#include "net/connection.h"
#include "net/loop_context.h"

namespace portal::fuzz {

/// How the client's end behaves.
struct Client {
  enum class End : std::uint8_t {
    kHangsUp,    ///< once it has all answers
    kIsSilent,   ///< and the deadlines pass
    kIsDrained,  ///< the portal stops, then the deadlines pass
    kResets,     ///< in the middle
    kStalls,     ///< takes no more, and the deadlines pass
  };
  static constexpr std::size_t kNoLimit = std::numeric_limits<std::size_t>::max();

  End end = End::kHangsUp;
  bool secure = false;
  bool ends_early = false;         ///< says that it sends no more with its last bytes
  bool slow_reads = false;         ///< the store is too slow for an event loop
  std::uint32_t pieces = 0;        ///< the next random number
  std::size_t arrives = kNoLimit;  ///< at once, at most
  std::size_t takes = kNoLimit;

  std::size_t Random(std::size_t below) {
    pieces = pieces * 1664525 + 1013904223;
    return (pieces >> 16) % below;
  }
  /// The next piece; `most`: as large as the largest may be.
  std::size_t Piece(std::size_t most) { return most == kNoLimit ? kNoLimit : 1 + Random(most); }
};

/// One connection, driven as an event loop would.
class DrivenConnection {
 public:
  DrivenConnection(MemoryPortal& portal, net::LoopContext& loop, std::string_view input, Client client)
      : portal_(portal), loop_(loop), client_(client), connection_(loop, 0) {
    wire_.input = input;
    wire_.secure = client.secure;
    wire_.room = client_.Piece(client_.takes);
    connection_.Open(std::make_unique<MemoryTransport>(wire_), {});
    portal_.clock().SlowLoopReads(client.slow_reads);
    if (client.secure) Tell(EPOLLOUT);
  }

  /// Until the client has sent everything and has all answers, or gives up in between.
  void Talk() {
    const bool gives_up = client_.end == Client::End::kResets || client_.end == Client::End::kStalls;
    std::size_t steps_left = gives_up ? client_.Random(40) : Client::kNoLimit;
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
        wire_.room = Client::kNoLimit;
        loop_.draining = true;
        if (connection_.is_open()) connection_.OnDrain();
        PassDeadlines();
        break;
      case Client::End::kIsSilent:
        wire_.room = Client::kNoLimit;
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
        Take();
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
    wire_.arrived += std::min(client_.Piece(client_.arrives), wire_.input.size() - wire_.arrived);
    wire_.input_ended = client_.ends_early && wire_.arrived == wire_.input.size();
    Tell(wire_.input_ended ? EPOLLIN | EPOLLRDHUP : EPOLLIN);
    Require(!is_busy || wire_.received == received, "nothing is read while an answer is on its way");
  }

  void Take() {
    // The beginning in small pieces; a large file byte by byte would take all day.
    constexpr std::size_t kSlowBytes = 4096;
    const bool hurries = wire_.output.size() > kSlowBytes && client_.takes != Client::kNoLimit;
    wire_.room = client_.Piece(hurries ? 256 * client_.takes : client_.takes);
    Tell(EPOLLOUT);
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

}  // namespace portal::fuzz
