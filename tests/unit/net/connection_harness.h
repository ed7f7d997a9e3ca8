#pragma once

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <functional>
#include <string>
#include <vector>

#include "base/logger.h"
#include "http/pipeline.h"
#include "net/connection.h"
#include "net/slow_pool.h"
#include "support/manual_clock.h"
#include "support/nobody_is_known.h"
#include "support/scripted_transport.h"
#include "support/temp_folder.h"

namespace portal::net::connection_test {

using base::ErrorCode;
using std::chrono::milliseconds;
using State = ConnectionState;
using testing::NobodyIsKnown;
using testing::PeerScript;

inline constexpr Deadlines::Durations kDurations = {milliseconds(1'000), milliseconds(6'000), milliseconds(2'000),
                                                    milliseconds(3'000), milliseconds(500)};
inline constexpr std::uint64_t kLeastTaken = 1'000;
inline constexpr std::size_t kLargeBytes = 100'000;
inline constexpr std::size_t kFileBytes = 3 << 20;
inline const std::string kEcho = "GET /echo/hello HTTP/1.1\r\nHost: t\r\n\r\n";
inline const std::string kEchoAndClose = "GET /echo/bye HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n";
inline const std::string kLarge = "GET /large HTTP/1.1\r\nHost: t\r\n\r\n";
inline const std::string kFile = "GET /file HTTP/1.1\r\nHost: t\r\n\r\n";
inline const std::string kSlow = "GET /slow HTTP/1.1\r\nHost: t\r\n\r\n";

/// One connection, a scripted peer, and the test as its event loop. The pool and the pipeline are real.
class Harness {
 public:
  explicit Harness(std::size_t pool_queue = 8) : pool_(pipeline_, 1, 1, pool_queue) {
    std::ofstream(folder_.path() / "file", std::ios::binary) << std::string(kFileBytes, 'f');
  }

  void Open() { connection.Open(std::make_unique<testing::ScriptedTransport>(peer), base::IpAddress{}); }

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

  /// Without a read, which could have the system read it.
  bool NothingOfTheFileIsInMemory() const {
    const base::UniqueFd fd(::open((folder_.path() / "file").c_str(), O_RDONLY | O_CLOEXEC));
    void* const mapped = ::mmap(nullptr, kFileBytes, PROT_READ, MAP_SHARED, fd.get(), 0);
    if (mapped == MAP_FAILED) return false;
    std::vector<unsigned char> pages(kFileBytes / static_cast<std::size_t>(::sysconf(_SC_PAGESIZE)));
    const bool known = ::mincore(mapped, kFileBytes, pages.data()) == 0;
    ::munmap(mapped, kFileBytes);
    return known && std::ranges::none_of(pages, [](unsigned char page) { return page & 1; });
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
  http::RateLimits limits_{clock_, {}};
  http::Router router_{Routes()};
  http::RequestLog log_{logger_, true};
  http::Pipeline pipeline_{router_, authenticator_, limits_, clock_, log_, http::Pipeline::Options{}};
  Mailbox mailbox_;
  SlowPool pool_;
  LoopCounters counters_;

 public:
  LoopContext loop{pipeline_,         pool_, mailbox_, base::WorkerId{0}, counters_, Deadlines(kDurations), kLeastTaken,
                   clock_.Monotonic()};
  Connection connection{loop, 0};
};

inline void OpenSecure(Harness& h, std::deque<Handshake> handshakes) {
  h.peer.secure = true;
  h.peer.handshakes = std::move(handshakes);
  h.Open();
}

/// Part of an answer has been sent, and there is no room for the rest.
inline void BeginLarge(Harness& h) {
  h.Open();
  h.peer.room = 5'000;
  h.Send(kLarge);
}

inline void StartLingering(Harness& h) {
  h.Open();
  h.Send("BAD\r\n\r\n");
}

}  // namespace portal::net::connection_test
