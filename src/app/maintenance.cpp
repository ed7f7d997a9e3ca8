#include "app/maintenance.h"

#include <chrono>
#include <cstdint>

#include "app/app.h"

namespace portal::app {
namespace {

constexpr std::chrono::minutes kBetweenTokenUses{1};

}  // namespace

Maintenance::Maintenance(Parts& parts, service::Readiness& readiness, service::Access& access, const base::Clock& clock,
                         base::Logger& logger)
    : parts_(parts), readiness_(readiness), access_(access), logger_(logger), clock_watch_(clock), thread_([this] {
        Run();
      }) {}

Maintenance::~Maintenance() {
  {
    const base::MutexLock lock(mu_);
    stopping_ = true;
  }
  wake_.NotifyOne();
  thread_.join();
}

/// False: it is time to stop.
bool Maintenance::WaitForNextRound() {
  const auto next = std::chrono::steady_clock::now() + std::chrono::seconds{1};
  const base::MutexLock lock(mu_);
  while (!stopping_ && wake_.WaitUntil(mu_, next)) continue;
  return !stopping_;
}

void Maintenance::Run() {
  auto next_token_uses = std::chrono::steady_clock::now() + kBetweenTokenUses;
  while (WaitForNextRound()) {
    parts_.database->Maintain();
    Probe();
    LookAtTheClock();
    // An idle portal, too, forgets revoked keys and says when the file cannot be used, and logs that a breaker is
    // half-open when it is.
    static_cast<void>(parts_.keys->Current());
    for (resilience::CircuitBreaker* const breaker : parts_.breakers->All()) static_cast<void>(breaker->State());
    if (const auto now = std::chrono::steady_clock::now(); now >= next_token_uses) {
      next_token_uses = now + kBetweenTokenUses;
      WriteTokenUses();
    }
  }
  WriteTokenUses();
}

void Maintenance::WriteTokenUses() {
  const auto written = access_.WriteUses();
  if (written) return;
  logger_.Warning("token_uses_lost", {{"detail", written.error().detail}, {"cause", written.error().internal}});
}

void Maintenance::LookAtTheClock() {
  const auto jump = clock_watch_.Look();
  if (!jump) return;
  logger_.Warning("clock_jumped",
                  {{"by_ms", std::int64_t{jump->count()}},
                   {"detail", "the wall clock was set, or the machine slept: tokens and signed URLs go by it"}});
}

void Maintenance::Probe() {
  const auto status = parts_.database->Probe();
  if (!status && status.error().code == base::ErrorCode::kCircuitOpen) return;  // nobody has looked
  if (status.has_value() == readable_) return;
  readable_ = status.has_value();
  readiness_.SetStoreReadable(readable_);
  if (readable_) {
    logger_.Info("store_readable_again");
  } else {
    logger_.Error("store_unreadable", {{"detail", status.error().detail}, {"cause", status.error().internal}});
  }
}

}  // namespace portal::app
