// Clients that send as often as they mean to, whether or not they are answered. Reads from standard input
//   {"seconds":5,"streams":[{"port":3000,"connections":8,"per_second":1000,"requests":["GET / HTTP/1.1\r\n…",…]},…]}
// A stream's requests are due at even intervals and go to whichever of its connections waits for nothing; one that
// finds none is late, and waits in turn. Prints for each stream
//   {"statuses":{"200":4990,"429":10},"no_retry_after":0,"unanswered":0,"p50":…,"p99":…}
// where `no_retry_after` counts answers of 429 and 503 that do not say when to come again, `unanswered` the requests
// that were due and had no answer in the end, and the percentiles are of the answers of 200, in microseconds, from when
// their requests were due. It never sleeps: give it a processor of its own.
#include <sys/epoll.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <vector>

#include "client_connection.h"
#include "percentiles.h"

namespace portal::bench {
namespace {

using Clock = std::chrono::steady_clock;

class Stream {
 public:
  explicit Stream(const nlohmann::json& wanted)
      : requests_(wanted.at("requests")),
        interval_(std::chrono::nanoseconds(std::chrono::seconds(1)) / wanted.at("per_second").get<std::int64_t>()) {
    const std::size_t connections = wanted.at("connections");
    for (std::size_t n = 0; n < connections; ++n) {
      lanes_.push_back(std::make_unique<Lane>(Lane{this, ConnectTo(wanted.at("port")), {}, {}}));
      idle_.push_back(lanes_.back().get());
    }
  }

  struct Lane {
    Stream* stream;
    base::UniqueFd fd;
    Answer answer;
    Clock::time_point due;
  };
  const std::vector<std::unique_ptr<Lane>>& lanes() const { return lanes_; }

  /// Sends what is due by now, as far as there are connections for it.
  void Send(Clock::time_point start, Clock::time_point now) {
    while (!idle_.empty()) {
      const Clock::time_point due = start + interval_ * sent_;
      if (due > now) return;
      Lane& lane = *idle_.back();
      idle_.pop_back();
      lane.due = due;
      SendAll(lane.fd.get(), requests_[static_cast<std::size_t>(sent_) % requests_.size()]);
      ++sent_;
    }
  }

  void Receive(Lane& lane) {
    std::array<char, 2048> head;  // bodies are dropped in the kernel, where that copies nothing
    const std::size_t awaited = lane.answer.Awaited();
    const ssize_t received = awaited > 0 ? ::recv(lane.fd.get(), nullptr, awaited, MSG_TRUNC | MSG_DONTWAIT)
                                         : ::recv(lane.fd.get(), head.data(), head.size(), 0);
    if (received < 0 && errno == EAGAIN) return;
    if (received < 0) FailWithErrno("recv");
    if (received == 0) throw std::runtime_error("the server closed a connection");
    if (awaited > 0) {
      lane.answer.Count(static_cast<std::size_t>(received));
    } else {
      lane.answer.Append({head.data(), static_cast<std::size_t>(received)});
      if (lane.answer.Awaited() > 0) return Receive(lane);
    }
    if (!lane.answer.IsWhole()) return;
    const int status = lane.answer.status();
    ++statuses_[status];
    if (status == 200) took_.push_back(Clock::now() - lane.due);
    if ((status == 429 || status == 503) && lane.answer.Field("retry-after").empty()) ++no_retry_after_;
    lane.answer.Clear();
    idle_.push_back(&lane);
  }

  nlohmann::json Result(Clock::duration whole) {
    nlohmann::json statuses = nlohmann::json::object();
    std::int64_t answered = 0;
    for (const auto& [status, count] : statuses_) {
      statuses[std::to_string(status)] = count;
      answered += count;
    }
    nlohmann::json result{
        {"statuses", statuses}, {"no_retry_after", no_retry_after_}, {"unanswered", whole / interval_ - answered}};
    if (took_.empty()) return result;
    result["p50"] = Percentile(took_, 0.5);
    result["p99"] = Percentile(took_, 0.99);
    return result;
  }

 private:
  std::vector<std::string> requests_;
  std::chrono::nanoseconds interval_;
  std::vector<std::unique_ptr<Lane>> lanes_;
  std::vector<Lane*> idle_;
  std::int64_t sent_ = 0;
  std::int64_t no_retry_after_ = 0;
  std::map<int, std::int64_t> statuses_;
  std::vector<Nanoseconds> took_;
};

void Measure() {
  const nlohmann::json wanted = nlohmann::json::parse(std::cin);
  std::vector<Stream> streams;
  streams.reserve(wanted.at("streams").size());
  for (const nlohmann::json& each : wanted.at("streams")) streams.emplace_back(each);
  const base::UniqueFd epoll(::epoll_create1(EPOLL_CLOEXEC));
  for (Stream& stream : streams) {
    for (const auto& lane : stream.lanes()) {
      epoll_event event{.events = EPOLLIN, .data = {.ptr = lane.get()}};
      if (::epoll_ctl(epoll.get(), EPOLL_CTL_ADD, lane->fd.get(), &event) != 0) FailWithErrno("epoll_ctl");
    }
  }
  const auto whole = std::chrono::seconds(wanted.at("seconds").get<int>());
  const Clock::time_point start = Clock::now();
  std::array<epoll_event, 64> events;
  for (Clock::time_point now = start; now < start + whole; now = Clock::now()) {
    for (Stream& stream : streams) stream.Send(start, now);
    const int ready = ::epoll_wait(epoll.get(), events.data(), events.size(), 0);
    for (int n = 0; n < ready; ++n) {
      auto& lane = *static_cast<Stream::Lane*>(events[static_cast<std::size_t>(n)].data.ptr);
      lane.stream->Receive(lane);
    }
  }
  nlohmann::json results = nlohmann::json::array();
  for (Stream& stream : streams) results.push_back(stream.Result(whole));
  std::cout << nlohmann::json{{"streams", results}} << '\n';
}

}  // namespace
}  // namespace portal::bench

int main() {
  std::signal(SIGPIPE, SIG_IGN);
  try {
    portal::bench::Measure();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "steady_client: %s\n", error.what());
    return EXIT_FAILURE;
  }
  return EXIT_SUCCESS;
}
