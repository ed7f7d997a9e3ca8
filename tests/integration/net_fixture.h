#pragma once

#include <fcntl.h>

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <memory>
#include <semaphore>
#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/logger.h"
#include "http/pipeline.h"
#include "http/router.h"
#include "net/server.h"
#include "support/nobody_is_known.h"
#include "support/raw_client.h"
#include "support/temp_folder.h"

namespace portal::testing {

/// Bytes whose value tells where they belong.
inline std::string Pattern(std::size_t size) {
  std::string bytes(size, '\0');
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>((i * 2654435761u) >> 13);
  return bytes;
}

/// A data plane on a port of its own, with routes that show one behaviour each:
/// `/echo/{text}`, `/worker` (which event loop answers), `/large` (from memory), `/file`, `/shrunk` (a file
/// that is shorter than promised), `/slow` (over budget; on the pool it waits for `gate`), `/stuck` (waits for
/// `gate` on the event loop, as only a bug would).
class NetFixture {
 public:
  static constexpr std::size_t kFileBytes = 8 << 20;

  static net::Server::Options OneLoop() {
    net::Server::Options options;
    options.loops = 1;
    return options;
  }

  explicit NetFixture(net::Server::Options options = OneLoop()) {
    std::ofstream(folder_.path() / "file", std::ios::binary) << content;
    auto listener = net::Listener::Bind("127.0.0.1:0");
    if (!listener) throw std::runtime_error(listener.error().detail);
    port = listener->port();
    std::vector<net::Listener> listeners;
    listeners.push_back(*std::move(listener));
    server_ = std::make_unique<net::Server>(std::move(listeners), *pipeline_, clock_, *logger_, options);
  }

  /// Lets whoever waits on the pool go, or the server could not end.
  ~NetFixture() { gate.release(64); }

  net::Server& server() { return *server_; }

  /// Every access-log line so far; ends the server.
  std::vector<std::string> TakeLog() {
    server_.reset();
    logger_.reset();
    std::ifstream in(folder_.path() / "log");
    std::vector<std::string> lines;
    for (std::string line; std::getline(in, line);) lines.push_back(line);
    return lines;
  }

  /// Where the file system can: the next reader of `/file` waits for the disk.
  void DropFileFromMemory() {
    const base::UniqueFd fd(::open((folder_.path() / "file").c_str(), O_RDWR | O_CLOEXEC));
    ::fsync(fd.get());
    ::posix_fadvise(fd.get(), 0, 0, POSIX_FADV_DONTNEED);
  }

  static std::size_t OpenDescriptors() {
    const std::filesystem::directory_iterator begin("/proc/self/fd");
    return static_cast<std::size_t>(std::distance(begin, std::filesystem::directory_iterator{}));
  }

  const std::string content = Pattern(kFileBytes);
  std::counting_semaphore<> gate{0};
  std::atomic<int> slow_reads{0};  ///< that have reached the pool
  std::uint16_t port = 0;

 private:
  base::Result<http::Response> Slow(const http::Request& request) {
    if (request.budget == http::ReadBudget::kLoop) return base::Fail(base::ErrorCode::kOverBudget, "");
    ++slow_reads;
    slow_reads.notify_all();
    gate.acquire();
    return Text("slow " + request.path_parameters[0]);
  }

  base::Result<http::Response> Stuck() {
    ++slow_reads;
    slow_reads.notify_all();
    gate.acquire();
    return Text("free again");
  }

  base::Result<http::Response> File(std::uint64_t promised) {
    http::Response response;
    response.file =
        http::FileRegion{base::UniqueFd(::open((folder_.path() / "file").c_str(), O_RDONLY | O_CLOEXEC)), 0, promised};
    return response;
  }

  static http::Response Text(std::string text) {
    http::Response response;
    response.body = std::move(text);
    return response;
  }

  std::vector<http::Route> Routes() {
    using http::Request;
    const auto route = [](std::string pattern, http::Handler handler) {
      return http::Route{std::move(pattern), http::RouteAccess::kPublic, std::move(handler)};
    };
    return {
        route("/echo/{text}", [](const Request& request) { return Text(request.path_parameters[0]); }),
        route("/worker", [](const Request& request) { return Text(std::to_string(request.worker.index)); }),
        route("/large", [this](const Request&) { return Text(content + content); }),
        route("/file", [this](const Request&) { return File(kFileBytes); }),
        route("/shrunk", [this](const Request&) { return File(kFileBytes + 1); }),
        route("/stuck", [this](const Request&) { return Stuck(); }),
        route("/slow/{text}", [this](const Request& request) { return Slow(request); }),
    };
  }

  TempFolder folder_;
  base::SystemClock clock_;
  base::UniqueFd log_{::open((folder_.path() / "log").c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600)};
  std::unique_ptr<base::Logger> logger_ = std::make_unique<base::Logger>(clock_, log_.get(), base::LogLevel::kInfo);
  NobodyIsKnown authenticator_;
  http::RateLimits limits_{clock_, {}};
  http::Router router_{Routes()};
  http::RequestLog request_log_{*logger_, true};
  std::unique_ptr<http::Pipeline> pipeline_ = std::make_unique<http::Pipeline>(router_, authenticator_, limits_, clock_,
                                                                               request_log_, http::Pipeline::Options{});
  std::unique_ptr<net::Server> server_;
};

/// Waits until `count` slow reads have reached the pool.
inline void WaitForSlowReads(NetFixture& fixture, int count) {
  for (int seen = fixture.slow_reads; seen < count; seen = fixture.slow_reads) fixture.slow_reads.wait(seen);
}

}  // namespace portal::testing
