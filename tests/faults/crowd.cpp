// Clients that wear a server down. Says {"inPosition":N} once each has got, or been refused, its place; goes on until
// its standard input ends; then prints what became of each kind: how many are in position, how many were so at least
// once, how often the server closed one, and the shortest and longest time in milliseconds that those lived.
//   idle        ask for /livez once and keep the connection
//   half        send a head a byte a second, never its end
//   handshake   send the beginning of a TLS ClientHello, and no more
//   slow        ask for TARGET and read it at two kilobytes a second
// Who is closed comes back a moment later.
// usage: crowd [idle N PORT] [half N PORT] [handshake N PORT] [slow N PORT TARGET]
#include <poll.h>
#include <sys/epoll.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <deque>
#include <exception>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "faults/client_socket.h"

namespace portal::faults {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr milliseconds kTick{100};
constexpr int kTicksPerSlowRead = 2;
constexpr std::size_t kSlowReadBytes = 512;
constexpr int kTicksPerHeadByte = 10;
constexpr int kSlowReceiveBuffer = 4096;
// Fewer than the server's backlog holds, so that no connection attempt is lost and waits a second.
constexpr std::size_t kOpeningAtOnce = 256;

enum class Kind { kIdle, kHalf, kHandshake, kSlow };
constexpr std::array<std::string_view, 4> kKindNames = {"idle", "half", "handshake", "slow"};

enum class State { kAway, kConnecting, kAsking, kInPosition };

struct Client {
  Kind kind;
  in_port_t port;
  base::UniqueFd fd{};
  State state = State::kAway;
  bool settled = false;  ///< has once been in position or been refused
  bool served = false;   ///< has once been in position
  Clock::time_point opened{};
  std::string received{};
};

struct Tally {
  std::size_t in_position = 0;
  std::size_t served = 0;
  std::size_t closed = 0;
  std::int64_t shortest_ms = 0;
  std::int64_t longest_ms = 0;
};

class Crowd {
 public:
  Crowd() : epoll_(::epoll_create1(EPOLL_CLOEXEC)) {}

  void Add(Kind kind, int count, in_port_t port) {
    for (int i = 0; i < count; ++i) {
      away_.push_back(clients_.size());
      clients_.push_back({kind, port});
    }
  }
  void set_slow_target(std::string_view target) { slow_request_ = Request(target, ""); }

  void RunUntilInputEnds() {
    std::array<epoll_event, 256> events;
    auto next_tick = Clock::now();
    while (!InputEnded()) {
      OpenSome();
      const auto wait = std::chrono::ceil<milliseconds>(next_tick - Clock::now()).count();
      const int timeout = static_cast<int>(std::clamp<milliseconds::rep>(wait, 0, kTick.count()));
      const int ready = ::epoll_wait(epoll_.get(), events.data(), events.size(), timeout);
      for (int i = 0; i < ready; ++i) OnEvent(clients_[events[static_cast<std::size_t>(i)].data.u64]);
      if (Clock::now() < next_tick) continue;
      next_tick = Clock::now() + kTick;
      Tick();
    }
  }

  void Print() const {
    std::array<Tally, kKindNames.size()> tallies = tallies_;
    for (const Client& client : clients_) {
      Tally& tally = tallies[static_cast<std::size_t>(client.kind)];
      if (client.state == State::kInPosition) ++tally.in_position;
      if (client.served) ++tally.served;
    }
    for (std::size_t kind = 0; kind < kKindNames.size(); ++kind) {
      const Tally& tally = tallies[kind];
      std::printf("%c\"%s\":{\"inPosition\":%zu,\"served\":%zu,\"closed\":%zu,\"shortestMs\":%lld,\"longestMs\":%lld}",
                  kind == 0 ? '{' : ',', kKindNames[kind].data(), tally.in_position, tally.served, tally.closed,
                  static_cast<long long>(tally.shortest_ms), static_cast<long long>(tally.longest_ms));
    }
    std::puts("}");
  }

 private:
  static bool InputEnded() {
    pollfd input{.fd = STDIN_FILENO, .events = POLLIN, .revents = 0};
    return ::poll(&input, 1, 0) > 0;
  }

  std::size_t IndexOf(const Client& client) const { return static_cast<std::size_t>(&client - clients_.data()); }

  void OpenSome() {
    while (!away_.empty() && opening_ < kOpeningAtOnce) {
      Client& client = clients_[away_.front()];
      away_.pop_front();
      const int buffer = client.kind == Kind::kSlow ? kSlowReceiveBuffer : 0;
      client.opened = Clock::now();
      client.fd = Connect(client.port, IndexOf(client), {.blocking = false, .receive_buffer = buffer});
      client.state = State::kConnecting;
      ++opening_;
      Watch(client, EPOLL_CTL_ADD, EPOLLOUT);
    }
  }

  void Watch(const Client& client, int operation, std::uint32_t events) {
    epoll_event event{.events = events, .data = {.u64 = IndexOf(client)}};
    ::epoll_ctl(epoll_.get(), operation, client.fd.get(), &event);
  }

  void OnEvent(Client& client) {
    if (client.state != State::kConnecting) return Read(client, 16 * 1024);
    if (!Begin(client)) return Leave(client);
    // A slow reader is not told of bytes: it looks when it feels like it.
    Watch(client, EPOLL_CTL_MOD, client.kind == Kind::kSlow ? 0U : std::uint32_t{EPOLLIN});
    const bool in_position = client.kind == Kind::kHalf || client.kind == Kind::kHandshake;
    if (in_position) {
      Settle(client);
    } else {
      client.state = State::kAsking;
    }
  }

  /// Sends what the kind begins with. False when the connection has not come about.
  bool Begin(const Client& client) {
    // The record's and the handshake message's lengths promise more than what follows.
    static constexpr std::string_view kHello("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11);
    switch (client.kind) {
      case Kind::kIdle:
        return Send(client, "GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n");
      case Kind::kHalf:
        return Send(client, "GET /livez HTTP/1.1\r\nHost: localhost\r\nX-Slow: ");
      case Kind::kHandshake:
        return Send(client, kHello);
      case Kind::kSlow:
        return Send(client, slow_request_);
    }
    return false;
  }

  static bool Send(const Client& client, std::string_view bytes) {
    return ::send(client.fd.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT) >= 0;
  }

  void Read(Client& client, std::size_t at_most) {
    std::array<char, 16 * 1024> bytes;
    const auto got = ::recv(client.fd.get(), bytes.data(), std::min(at_most, bytes.size()), MSG_DONTWAIT);
    if (got < 0 && errno == EAGAIN) return;
    if (got <= 0) return Leave(client);
    if (client.state != State::kAsking) return;
    client.received.append(bytes.data(), static_cast<std::size_t>(got));
    const auto size = AnswerSize(client.received);
    if (!size || (client.kind == Kind::kIdle && client.received.size() < *size)) return;
    if (!client.received.starts_with("HTTP/1.1 200 ")) throw std::runtime_error(client.received.substr(0, 200));
    Settle(client);
  }

  void Settle(Client& client) {
    client.state = State::kInPosition;
    client.served = true;
    client.received = {};
    --opening_;
    CountSettled(client);
  }

  void CountSettled(Client& client) {
    if (std::exchange(client.settled, true) || ++settled_ < clients_.size()) return;
    const auto in_position = std::count_if(clients_.begin(), clients_.end(),
                                           [](const Client& each) { return each.state == State::kInPosition; });
    std::printf("{\"inPosition\":%lld}\n", static_cast<long long>(in_position));
    std::fflush(stdout);
  }

  void Leave(Client& client) {
    if (client.state != State::kInPosition) --opening_;
    if (client.state != State::kConnecting) CountClosed(client);
    client.fd.Reset();
    client.state = State::kAway;
    client.received = {};
    returning_.push_back(IndexOf(client));
    CountSettled(client);
  }

  void CountClosed(const Client& client) {
    const auto lived = std::chrono::duration_cast<milliseconds>(Clock::now() - client.opened).count();
    Tally& tally = tallies_[static_cast<std::size_t>(client.kind)];
    tally.shortest_ms = tally.closed == 0 ? lived : std::min(tally.shortest_ms, lived);
    tally.longest_ms = std::max(tally.longest_ms, lived);
    ++tally.closed;
  }

  void Tick() {
    ++ticks_;
    away_.insert(away_.end(), returning_.begin(), returning_.end());
    returning_.clear();
    for (std::size_t i = 0; i < clients_.size(); ++i) {
      Client& client = clients_[i];
      const bool reads_now = ticks_ % kTicksPerSlowRead == static_cast<int>(i % kTicksPerSlowRead);
      const bool writes_now = ticks_ % kTicksPerHeadByte == static_cast<int>(i % kTicksPerHeadByte);
      if (client.kind == Kind::kSlow && client.state >= State::kAsking && reads_now) Read(client, kSlowReadBytes);
      if (client.kind == Kind::kHalf && client.state == State::kInPosition && writes_now) Send(client, "x");
    }
  }

  base::UniqueFd epoll_;
  std::vector<Client> clients_;
  std::deque<std::size_t> away_;        ///< to be opened
  std::vector<std::size_t> returning_;  ///< to be opened from the next tick on
  std::string slow_request_;
  std::array<Tally, kKindNames.size()> tallies_{};
  std::size_t opening_ = 0;
  std::size_t settled_ = 0;
  int ticks_ = 0;
};

int Run(std::vector<std::string_view> words) {
  Crowd crowd;
  for (auto word = words.begin(); word != words.end();) {
    const auto kind = std::find(kKindNames.begin(), kKindNames.end(), *word) - kKindNames.begin();
    const bool slow = kind == static_cast<int>(Kind::kSlow);
    const int arguments = slow ? 4 : 3;
    if (kind == kKindNames.size() || words.end() - word < arguments) {
      std::fputs("usage: crowd [idle N PORT] [half N PORT] [handshake N PORT] [slow N PORT TARGET]\n", stderr);
      return 2;
    }
    crowd.Add(static_cast<Kind>(kind), Number(word[1]), static_cast<in_port_t>(Number(word[2])));
    if (slow) crowd.set_slow_target(word[3]);
    word += arguments;
  }
  crowd.RunUntilInputEnds();
  crowd.Print();
  return 0;
}

}  // namespace
}  // namespace portal::faults

int main(int argc, char** argv) {
  try {
    return portal::faults::Run({argv + 1, argv + argc});
  } catch (const std::exception& error) {
    std::fprintf(stderr, "crowd: %s\n", error.what());
    return 1;
  }
}
