#include "service/breakers.h"

#include "blob/failure.h"

namespace portal::service {
namespace {

using resilience::BreakerState;
using resilience::BreakerTransition;
using resilience::CircuitBreaker;

resilience::BreakerSettings SettingsOf(const config::Config::Breakers& config) {
  return {config.window, config.min_calls, config.failure_rate, config.open_for, config.probes, config.slow_call};
}

}  // namespace

Breakers::Breakers(const config::Config::Breakers& config, const base::Clock& clock, base::Logger& logger)
    : database_("database", SettingsOf(config), clock, Tell(logger, 0, "database")),
      database_writes_("database_writes", SettingsOf(config), clock, Tell(logger, 1, "database_writes")),
      blobs_("blobs", SettingsOf(config), clock, Tell(logger, 2, "blobs")),
      blob_writes_("blob_writes", SettingsOf(config), clock, Tell(logger, 3, "blob_writes")) {}

CircuitBreaker::Listener Breakers::Tell(base::Logger& logger, std::size_t index, std::string_view name) {
  return [this, &logger, index, name](const BreakerTransition& transition) {
    transitions_[index][static_cast<std::size_t>(transition.to)].fetch_add(1, std::memory_order_relaxed);
    logger.Log(transition.to == BreakerState::kOpen ? base::LogLevel::kError : base::LogLevel::kInfo,
               "breaker_transition",
               {{"breaker", name},
                {"from", ToText(transition.from)},
                {"to", ToText(transition.to)},
                {"reason", transition.reason}});
  };
}

CircuitBreaker* Breakers::Find(std::string_view name) {
  for (CircuitBreaker* breaker : All()) {
    if (breaker->name() == name) return breaker;
  }
  return nullptr;
}

void Breakers::BlobReads::ReadFailed(int error) const {
  const std::string fault = blob::FaultOf("read", error);
  if (fault.empty()) return;
  if (auto call = breaker_.Enter()) call->Fail(fault);
}

}  // namespace portal::service
