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

CircuitBreaker::Listener LogTo(base::Logger& logger, std::string_view name) {
  return [&logger, name](const BreakerTransition& transition) {
    logger.Log(transition.to == BreakerState::kOpen ? base::LogLevel::kError : base::LogLevel::kInfo,
               "breaker_transition",
               {{"breaker", name},
                {"from", ToText(transition.from)},
                {"to", ToText(transition.to)},
                {"reason", transition.reason}});
  };
}

}  // namespace

Breakers::Breakers(const config::Config::Breakers& config, const base::Clock& clock, base::Logger& logger)
    : database_("database", SettingsOf(config), clock, LogTo(logger, "database")),
      database_writes_("database_writes", SettingsOf(config), clock, LogTo(logger, "database_writes")),
      blobs_("blobs", SettingsOf(config), clock, LogTo(logger, "blobs")),
      blob_writes_("blob_writes", SettingsOf(config), clock, LogTo(logger, "blob_writes")) {}

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
