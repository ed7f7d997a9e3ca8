#include "control/server.h"

#include <fcntl.h>
#include <httplib.h>
#include <sys/socket.h>

#include <cerrno>
#include <chrono>
#include <memory>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "base/mutex.h"
#include "base/unique_fd.h"
#include "control/channel.h"
#include "control/connection.h"
#include "control/crowd.h"
#include "control/worker_pool.h"
#include "net/peer.h"
#include "net/socket.h"
#include "net/tls_transport.h"

// cpp-httplib accepts the connections and hands them to the threads; what is said on them is http/'s business, as on
// the data plane (docs/decisions/0010).
namespace portal::control {

namespace {

using std::chrono::milliseconds;

// After accept4 has said what httplib gives up on.
constexpr milliseconds kAcceptAgain{100};

int Duplicate(int fd) {
  const int copy = ::fcntl(fd, F_DUPFD_CLOEXEC, 0);
  if (copy < 0) throw std::system_error(errno, std::generic_category(), "fcntl");
  return copy;
}

base::IpAddress PeerOf(int fd) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  static_cast<void>(::getpeername(fd, reinterpret_cast<sockaddr*>(&address), &size));
  return net::PeerAddress(address);
}

/// httplib's queue knows no workers: whose turn it is, the thread itself remembers.
thread_local std::size_t this_worker = 0;

class PoolQueue final : public httplib::TaskQueue {
 public:
  /// `loop` is what the tasks belong to; they wait for a thread longer than it runs.
  PoolQueue(WorkerPool& pool, Crowd& crowd, std::shared_ptr<httplib::Server> loop)
      : pool_(pool), crowd_(crowd), loop_(std::move(loop)) {}

  /// False: httplib closes the connection.
  bool enqueue(std::function<void()> serve) override {
    const bool taken = pool_.Enqueue([serve = std::move(serve), loop = loop_](std::size_t worker) {
      this_worker = worker;
      serve();
    });
    if (taken && pool_.IsCrowded()) crowd_.MakeRoom();
    return taken;
  }

  /// The pool outlives httplib's loop: connections are drained after it.
  void shutdown() override {}

 private:
  WorkerPool& pool_;
  Crowd& crowd_;
  const std::shared_ptr<httplib::Server> loop_;
};

/// httplib's loop around accept4, on a listening socket that somebody else has bound.
class AcceptLoop final : public httplib::Server, public std::enable_shared_from_this<AcceptLoop> {
 public:
  AcceptLoop(int listener, WorkerPool& pool, Crowd& crowd, std::function<void(base::UniqueFd)> serve)
      : serve_(std::move(serve)) {
    svr_sock_ = Duplicate(listener);  // which httplib closes
    set_idle_interval(std::chrono::seconds{1});
    new_task_queue = [this, &pool, &crowd] { return new PoolQueue(pool, crowd, shared_from_this()); };
  }

 private:
  bool process_and_close_socket(socket_t socket) override {
    serve_(base::UniqueFd(socket));
    return true;
  }

  const std::function<void(base::UniqueFd)> serve_;
};

}  // namespace

struct Server::Parts {
  Parts(net::Listener bound, const Dispatcher& dispatcher, const base::Clock& clock, base::Logger& used_logger,
        const Options& options)
      : logger(used_logger),
        first_worker(options.first_worker.index),
        first_tls_slot(options.first_tls_slot),
        secure(bound.secure()),
        scratch(options.threads),
        settings(options.settings),
        listener(std::move(bound)),
        pool(options.threads, options.queue),
        surroundings{dispatcher, clock, pool, crowd},
        acceptor([this] { Accept(); }) {}

  ~Parts() { Drain(milliseconds{0}); }

  net::Settings CurrentSettings() {
    const base::MutexLock lock(mu);
    return settings;
  }

  /// On a thread of the pool. An exception is a bug, or a machine without memory: it costs this connection.
  void Serve(base::UniqueFd fd) noexcept {
    try {
      ServeConnection(std::move(fd));
    } catch (const std::exception& exception) {
      logger.Error("control_connection_failed", {{"cause", exception.what()}});
    }
  }

  void ServeConnection(base::UniqueFd fd) {
    const base::IpAddress peer = PeerOf(fd.get());
    const int flags = ::fcntl(fd.get(), F_GETFL);
    if (flags < 0 || ::fcntl(fd.get(), F_SETFL, flags | O_NONBLOCK) != 0) return;
    const net::Settings current = CurrentSettings();
    net::Socket socket(std::move(fd));
    std::unique_ptr<net::Transport> transport;
    if (secure) {
      transport = std::make_unique<net::TlsTransport>(std::move(socket), current.tls, first_tls_slot + this_worker,
                                                      scratch.at(this_worker));
    } else {
      transport = std::make_unique<net::Socket>(std::move(socket));
    }
    Connection connection(surroundings, current, Channel(std::move(transport)), peer,
                          base::WorkerId{first_worker + this_worker});
    connection.Serve();
  }

  /// httplib's loop ends at whatever accept4 says that it does not know, though the next call may well succeed.
  void Accept() {
    while (true) {
      const std::string reason = AcceptUntilItFails();
      const base::MutexLock lock(mu);
      if (!stopping) logger.Warning("control_accept_failed", {{"cause", reason}});
      const auto again = std::chrono::steady_clock::now() + kAcceptAgain;
      while (!stopping && wake.WaitUntil(mu, again)) continue;
      if (stopping) return;
    }
  }

  std::string AcceptUntilItFails() {
    try {
      const auto accepting = std::make_shared<AcceptLoop>(listener->fd(), pool, crowd,
                                                          [this](base::UniqueFd fd) { Serve(std::move(fd)); });
      {
        const base::MutexLock lock(mu);
        if (stopping) return {};
        loop = accepting.get();
      }
      errno = 0;
      accepting->listen_after_bind();
      std::string reason = std::generic_category().message(errno);
      const base::MutexLock lock(mu);
      loop = nullptr;
      return reason;
    } catch (const std::exception& refused) {  // no descriptor, or no memory
      const base::MutexLock lock(mu);
      loop = nullptr;
      return refused.what();
    }
  }

  void StopAccepting() {
    {
      const base::MutexLock lock(mu);
      stopping = true;
      if (loop != nullptr) {
        loop->wait_until_ready();
        loop->stop();
      }
    }
    wake.NotifyAll();
    if (acceptor.joinable()) acceptor.join();
    listener.reset();  // from here on the kernel refuses whoever comes
  }

  void Drain(milliseconds grace) {
    const base::MutexLock one_at_a_time(drain_mu);
    StopAccepting();
    crowd.Drain();
    if (!pool.WaitUntilIdle(std::chrono::steady_clock::now() + grace)) crowd.Abort();
    pool.Stop();
  }

  base::Logger& logger;
  const std::size_t first_worker;
  const std::size_t first_tls_slot;
  const bool secure;
  std::vector<net::TlsScratch> scratch;  // one per worker, which alone touches it
  base::Mutex drain_mu;                  // one drain at a time
  base::Mutex mu;
  base::CondVar wake;
  net::Settings settings GUARDED_BY(mu);
  bool stopping GUARDED_BY(mu) = false;
  AcceptLoop* loop GUARDED_BY(mu) = nullptr;
  std::optional<net::Listener> listener;
  Crowd crowd;
  WorkerPool pool;
  const Connection::Surroundings surroundings;
  std::thread acceptor;  // last: it uses all of the above
};

Server::Server(net::Listener listener, const Dispatcher& dispatcher, const base::Clock& clock, base::Logger& logger,
               const Options& options)
    : parts_(std::make_unique<Parts>(std::move(listener), dispatcher, clock, logger, options)) {}

Server::~Server() = default;

void Server::Drain() { parts_->Drain(parts_->CurrentSettings().limits.drain_timeout); }

void Server::Apply(const net::Settings& settings) {
  const base::MutexLock lock(parts_->mu);
  parts_->settings = settings;
}

}  // namespace portal::control
