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
#include "net/listener.h"

namespace portal::net {

/// The data plane: event loops that read heads, hand them to the pipeline and send answers, and a small
/// pool for reads that are too slow for a loop. Loops are workers 0 to loops-1, pool threads follow.
class Server {
 public:
  struct Options {
    std::size_t loops = 2;
    std::size_t pool_threads = 2;
    std::size_t pool_queue = 64;
    std::chrono::milliseconds head_timeout{10'000};
    std::chrono::milliseconds idle_timeout{60'000};
    std::chrono::milliseconds send_timeout{30'000};
    std::chrono::milliseconds drain_timeout{30'000};
  };

  /// Starts serving at once on listeners that are already bound.
  Server(std::vector<Listener> listeners, const http::Pipeline& pipeline, const base::Clock& clock,
         base::Logger& logger, Options options);
  ~Server();  ///< Drain with no grace, if it was not called

  /// Stops accepting, finishes what was received, closes idle connections; returns when all are closed or
  /// the drain timeout has passed. Thread-safe, idempotent.
  void Drain();

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace portal::net
