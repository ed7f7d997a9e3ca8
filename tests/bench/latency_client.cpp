// How long single requests take over kept-alive connections to servers on 127.0.0.1. Reads from standard input
//   {"rounds":5,"requests":5000,"block":100,
//    "streams":[{"port":3000,"connections":1,"statuses":[200],"requests":["GET / HTTP/1.1\r\nHost: x\r\n\r\n",…]},…]}
// In each round every stream sends `requests` requests, in turn with the others, `block` at a time: whatever disturbs
// the machine meanwhile disturbs all of them. A stream's connections send at the same time, one request each, and go
// through its requests again and again. Prints, in microseconds and by rounds,
//   {"streams":[{"p50":[…],"p99":[…],"seconds":[…]},…]}
// where `seconds` is what the stream's own turns took. An unexpected status ends the program with exit code 1.
#include <sys/socket.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/unique_fd.h"
#include "client_connection.h"
#include "percentiles.h"

namespace portal::bench {
namespace {

using Clock = std::chrono::steady_clock;

/// One connection, made when it is first needed and again when the server has closed it after an answer.
class Connection {
 public:
  explicit Connection(in_port_t port) : port_(port) {}

  /// Sends one request and waits for all of its answer.
  Nanoseconds Ask(const std::string& request, const std::vector<int>& statuses) {
    if (!fd_) fd_ = ConnectTo(port_);
    const auto start = Clock::now();
    SendAll(fd_.get(), request);
    Receive();
    const Nanoseconds took = Clock::now() - start;
    if (std::ranges::find(statuses, answer_.status()) == statuses.end()) {
      throw std::runtime_error(request.substr(0, request.find('\r')) + ": " + answer_.StatusLine());
    }
    if (answer_.Field("connection") == "close") fd_.Reset();
    return took;
  }

 private:
  void Receive() {
    answer_.Clear();
    while (!answer_.IsWhole()) {
      const ssize_t received = ::recv(fd_.get(), buffer_.data(), buffer_.size(), 0);
      if (received < 0) FailWithErrno("recv");
      if (received == 0) throw std::runtime_error("the server closed before its answer was whole");
      answer_.Append({buffer_.data(), static_cast<std::size_t>(received)});
    }
  }

  in_port_t port_;
  base::UniqueFd fd_;
  std::string buffer_ = std::string(65'536, '\0');
  Answer answer_;
};

/// One server and what it is asked, over connections that are used at the same time.
class Stream {
 public:
  explicit Stream(const nlohmann::json& wanted) : statuses_(wanted.at("statuses")), requests_(wanted.at("requests")) {
    const std::size_t connections = wanted.at("connections");
    for (std::size_t n = 0; n < connections; ++n) lanes_.push_back({Connection(wanted.at("port")), n, {}});
  }

  void Send(std::size_t requests) {
    const auto start = Clock::now();
    if (lanes_.size() == 1) {
      SendOn(lanes_.front(), requests);
    } else {
      std::vector<std::exception_ptr> failures(lanes_.size());
      std::vector<std::thread> threads;
      for (std::size_t n = 0; n < lanes_.size(); ++n) {
        threads.emplace_back([this, n, requests, &failures] {
          try {
            SendOn(lanes_[n], requests / lanes_.size());
          } catch (...) {
            failures[n] = std::current_exception();
          }
        });
      }
      for (std::thread& thread : threads) thread.join();
      for (const std::exception_ptr& failure : failures) {
        if (failure) std::rethrow_exception(failure);
      }
    }
    in_turn_ += Clock::now() - start;
  }

  void EndRound() {
    std::vector<Nanoseconds> took;
    for (Lane& lane : lanes_) {
      took.insert(took.end(), lane.took.begin(), lane.took.end());
      lane.took.clear();
    }
    result_["p50"].push_back(Percentile(took, 0.5));
    result_["p99"].push_back(Percentile(took, 0.99));
    result_["seconds"].push_back(std::chrono::duration<double>(std::exchange(in_turn_, {})).count());
  }

  const nlohmann::json& result() const { return result_; }

 private:
  /// A connection, the request it sends next, and how long its answers took in this round.
  struct Lane {
    Connection connection;
    std::size_t next = 0;
    std::vector<Nanoseconds> took;
  };

  void SendOn(Lane& lane, std::size_t requests) {
    for (std::size_t n = 0; n < requests; ++n) {
      lane.took.push_back(lane.connection.Ask(requests_[lane.next % requests_.size()], statuses_));
      lane.next += lanes_.size();
    }
  }

  std::vector<int> statuses_;
  std::vector<std::string> requests_;
  std::vector<Lane> lanes_;
  Clock::duration in_turn_{};
  nlohmann::json result_;
};

void Measure() {
  const nlohmann::json wanted = nlohmann::json::parse(std::cin);
  std::vector<Stream> streams;
  for (const nlohmann::json& each : wanted.at("streams")) streams.emplace_back(each);
  const std::size_t rounds = wanted.at("rounds");
  const std::size_t requests = wanted.at("requests");
  const std::size_t block = wanted.at("block");
  for (std::size_t round = 0; round < rounds; ++round) {
    for (std::size_t sent = 0; sent < requests; sent += block) {
      for (Stream& stream : streams) stream.Send(block);
    }
    for (Stream& stream : streams) stream.EndRound();
  }
  nlohmann::json results = nlohmann::json::array();
  for (const Stream& stream : streams) results.push_back(stream.result());
  std::cout << nlohmann::json{{"streams", results}} << '\n';
}

}  // namespace
}  // namespace portal::bench

int main() {
  std::signal(SIGPIPE, SIG_IGN);
  try {
    portal::bench::Measure();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "latency_client: %s\n", error.what());
    return EXIT_FAILURE;
  }
  return EXIT_SUCCESS;
}
