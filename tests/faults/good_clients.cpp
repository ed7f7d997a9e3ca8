// Well-behaved clients: each keeps one connection, asks, reads the answer, waits a little, asks again. Prints
// {"answers":N,"errors":N,"p50":MS,"p99":MS,"max":MS}, milliseconds from the request's sending to its answer's end.
// An error is whatever is no 200, and every connection that ends.
// usage: good_clients PORT CLIENTS SECONDS PAUSE_MS TARGET [TOKEN]
#include <sys/epoll.h>

#include <algorithm>
#include <array>
#include <chrono>
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

// An answer that takes longer than this is none.
constexpr milliseconds kPatience{5'000};

struct Client {
  base::UniqueFd fd;
  std::string received;
  Clock::time_point asked;
};

class Clients {
 public:
  Clients(in_port_t port, std::size_t count, milliseconds pause, std::string request)
      : pause_(pause), request_(std::move(request)), epoll_(::epoll_create1(EPOLL_CLOEXEC)), clients_(count) {
    const auto start = Clock::now();
    for (std::size_t i = 0; i < count; ++i) {
      clients_[i].fd = Connect(port, i);
      epoll_event event{.events = EPOLLIN, .data = {.u64 = i}};
      ::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, clients_[i].fd.get(), &event);
      due_.push_back({start + pause_ * i / count, i});  // evenly, so that they do not ask all at once
    }
  }

  void Run(Clock::duration time) {
    const auto end = Clock::now() + time;
    std::array<epoll_event, 64> events;
    while (Clock::now() < end + kPatience && !(Clock::now() >= end && asking_ == 0)) {
      AskWhoIsDue(end);
      const auto next = due_.empty() ? end + kPatience : due_.front().when;
      const auto wait = std::chrono::ceil<milliseconds>(next - Clock::now());
      const int timeout = static_cast<int>(std::clamp<milliseconds::rep>(wait.count(), 0, 100));
      const int ready = ::epoll_wait(epoll_.get(), events.data(), events.size(), timeout);
      for (int i = 0; i < ready; ++i) Read(events[static_cast<std::size_t>(i)].data.u64);
    }
    errors_ += asking_;
  }

  void Print() {
    std::sort(latencies_.begin(), latencies_.end());
    const auto at = [&](double share) {
      if (latencies_.empty()) return 0.0;
      return latencies_[static_cast<std::size_t>(share * static_cast<double>(latencies_.size() - 1))];
    };
    std::printf("{\"answers\":%zu,\"errors\":%zu,\"p50\":%.3f,\"p99\":%.3f,\"max\":%.3f}\n", latencies_.size(), errors_,
                at(0.5), at(0.99), at(1));
  }

 private:
  struct Due {
    Clock::time_point when;
    std::size_t client;
  };

  void AskWhoIsDue(Clock::time_point end) {
    const auto now = Clock::now();
    while (!due_.empty() && due_.front().when <= now) {
      const Due due = due_.front();
      due_.pop_front();
      if (now >= end) continue;
      Client& client = clients_[due.client];
      client.asked = Clock::now();
      ++asking_;
      if (::send(client.fd.get(), request_.data(), request_.size(), MSG_NOSIGNAL) < 0) Fail(client);
    }
  }

  void Read(std::size_t index) {
    Client& client = clients_[index];
    std::array<char, 64 * 1024> bytes;
    const auto got = ::recv(client.fd.get(), bytes.data(), bytes.size(), MSG_DONTWAIT);
    if (got < 0 && errno == EAGAIN) return;
    if (got <= 0) return Fail(client);
    client.received.append(bytes.data(), static_cast<std::size_t>(got));
    const auto size = AnswerSize(client.received);
    if (!size || client.received.size() < *size) return;
    const auto now = Clock::now();
    --asking_;
    if (client.received.starts_with("HTTP/1.1 200 ") && client.received.size() == *size) {
      latencies_.push_back(std::chrono::duration<double, std::milli>(now - client.asked).count());
    } else {
      ++errors_;
    }
    client.received.clear();
    due_.push_back({now + pause_, index});
  }

  /// A client that lost its connection does not come back: one is an error too many.
  void Fail(Client& client) {
    ++errors_;
    const bool was_asking =
        std::none_of(due_.begin(), due_.end(), [&](const Due& due) { return &clients_[due.client] == &client; });
    if (was_asking) --asking_;
    std::erase_if(due_, [&](const Due& due) { return &clients_[due.client] == &client; });
    client.fd.Reset();
  }

  milliseconds pause_;
  std::string request_;
  base::UniqueFd epoll_;
  std::vector<Client> clients_;
  std::deque<Due> due_;  ///< in order of time, since all pauses are equally long
  std::vector<double> latencies_;
  std::size_t asking_ = 0;
  std::size_t errors_ = 0;
};

}  // namespace
}  // namespace portal::faults

int main(int argc, char** argv) {
  using namespace portal::faults;
  if (argc != 6 && argc != 7) {
    std::fputs("usage: good_clients PORT CLIENTS SECONDS PAUSE_MS TARGET [TOKEN]\n", stderr);
    return 2;
  }
  try {
    Clients clients(static_cast<in_port_t>(Number(argv[1])), static_cast<std::size_t>(Number(argv[2])),
                    milliseconds(Number(argv[4])), Request(argv[5], argc == 7 ? argv[6] : ""));
    clients.Run(std::chrono::seconds(Number(argv[3])));
    clients.Print();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "good_clients: %s\n", error.what());
    return 1;
  }
}
