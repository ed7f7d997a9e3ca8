#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <string_view>

#include "base/clock.h"
#include "base/logger.h"
#include "config/config.h"
#include "http/response.h"
#include "resilience/circuit_breaker.h"

namespace portal::service {

/// The circuit breakers before what the portal depends on, and before its changes, for want of space. They are handed
/// to the store and the blobs, which let nobody go round them. Every transition is a log line, `breaker_transition`.
/// Thread-safe.
class Breakers {
 public:
  /// Clock and logger are borrowed.
  Breakers(const config::Config::Breakers& config, const base::Clock& clock, base::Logger& logger);

  resilience::CircuitBreaker& database() { return database_; }
  resilience::CircuitBreaker& database_writes() { return database_writes_; }
  resilience::CircuitBreaker& blobs() { return blobs_; }
  resilience::CircuitBreaker& blob_writes() { return blob_writes_; }
  std::array<resilience::CircuitBreaker*, 4> All() { return {&database_, &database_writes_, &blobs_, &blob_writes_}; }
  /// Null where there is none of that name.
  resilience::CircuitBreaker* Find(std::string_view name);

  /// How often the breaker that is at `index` of All has moved to `to`.
  std::uint64_t Transitions(std::size_t index, resilience::BreakerState to) const {
    return transitions_[index][static_cast<std::size_t>(to)].load(std::memory_order_relaxed);
  }

  /// Hears of blobs that cannot be read on their way to a client, which is after the store has opened them.
  const http::FileReadWatcher& blob_reads() const { return blob_reads_; }

 private:
  resilience::CircuitBreaker::Listener Tell(base::Logger& logger, std::size_t index, std::string_view name);

  class BlobReads final : public http::FileReadWatcher {
   public:
    explicit BlobReads(resilience::CircuitBreaker& breaker) : breaker_(breaker) {}
    void ReadFailed(int error) const override;

   private:
    resilience::CircuitBreaker& breaker_;
  };

  std::array<std::array<std::atomic<std::uint64_t>, resilience::kBreakerStates>, 4> transitions_{};  // by breaker
  resilience::CircuitBreaker database_;
  resilience::CircuitBreaker database_writes_;
  resilience::CircuitBreaker blobs_;
  resilience::CircuitBreaker blob_writes_;
  BlobReads blob_reads_{blobs_};
};

}  // namespace portal::service
