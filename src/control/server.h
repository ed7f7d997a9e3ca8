#pragma once

#include <cstddef>
#include <memory>

#include "base/clock.h"
#include "base/ids.h"
#include "base/logger.h"
#include "control/dispatcher.h"
#include "net/listener.h"
#include "net/settings.h"

namespace portal::control {

/// The control plane: a listener, and a bounded pool of threads each of which serves one connection at a time.
class Server {
 public:
  struct Options {
    std::size_t threads = 8;
    std::size_t queue = 64;          ///< connections that wait for a thread; beyond, they are closed
    base::WorkerId first_worker;     ///< the threads' ids follow one another
    std::size_t first_tls_slot = 0;  ///< as do their places in net::TlsContext
    net::Settings settings;
  };

  /// Starts serving at once. Throws std::system_error where the kernel gives no threads or descriptors.
  Server(net::Listener listener, const Dispatcher& dispatcher, const base::Clock& clock, base::Logger& logger,
         const Options& options);
  ~Server();  ///< Drain with no grace, if it was not called

  /// Stops accepting and hangs up on idle connections; returns when the running requests are answered, or the drain
  /// timeout has passed and they are cut off. Thread-safe, idempotent.
  void Drain();

  /// For connections that come from now on. Thread-safe.
  void Apply(const net::Settings& settings);

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace portal::control
