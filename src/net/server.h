#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/logger.h"
#include "base/result.h"
#include "http/pipeline.h"
#include "net/counts.h"
#include "net/listener.h"
#include "net/settings.h"

namespace portal::net {

/// The data plane: event loops that read heads, hand them to the pipeline and send answers, and a small
/// pool for reads that are too slow for a loop. Loops are workers 0 to loops-1, pool threads follow.
class Server {
 public:
  struct Options {
    std::size_t loops = 2;
    std::size_t pool_threads = 2;
    std::size_t pool_queue = 64;
    Settings settings;
  };

  /// Starts serving at once on listeners that are already bound.
  Server(std::vector<Listener> listeners, const http::Pipeline& pipeline, const base::Clock& clock,
         base::Logger& logger, Options options);
  ~Server();  ///< Drain with no grace, if it was not called

  /// Stops accepting, finishes what was received, closes idle connections; returns when all are closed or
  /// the drain timeout has passed. Thread-safe, idempotent.
  void Drain();

  /// Takes effect soon: connections that have a deadline keep it. Thread-safe.
  void Apply(const Settings& settings);

  /// Thread-safe.
  net::Counts Counts() const;

  /// True when every event loop has come round since the last call: none of them is stuck. Asks them all to do
  /// so again, so that a loop without work does, too. Thread-safe.
  bool Beat();

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace portal::net
