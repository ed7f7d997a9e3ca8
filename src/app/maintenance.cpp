#include "app/maintenance.h"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <system_error>

#include "app/app.h"

namespace portal::app {
namespace {

constexpr std::chrono::seconds kBetweenRounds{1};
constexpr std::chrono::minutes kBetweenTokenUses{1};
/// With as much space, changes of rows and most uploads find room.
constexpr std::uintmax_t kSpaceToWrite = 64u << 20;

}  // namespace

Maintenance::Maintenance(Parts& parts, service::Readiness& readiness, service::Access& access, const base::Clock& clock,
                         base::Logger& logger)
    : parts_(parts), readiness_(readiness), access_(access), logger_(logger), clock_watch_(clock), thread_([this] {
        Run();
      }) {}

Maintenance::~Maintenance() {
  stop_.Raise();
  thread_.join();
}

void Maintenance::Run() {
  auto next_token_uses = std::chrono::steady_clock::now() + kBetweenTokenUses;
  while (stop_.WaitFor(kBetweenRounds)) {
    parts_.database->Maintain();
    Probe();
    LookAtTheClock();
    // An idle portal, too, forgets revoked keys and says when the file cannot be used, and logs that a breaker is
    // half-open when it is.
    static_cast<void>(parts_.keys->Current());
    for (resilience::CircuitBreaker* const breaker : parts_.breakers->All()) static_cast<void>(breaker->State());
    LookForSpace();
    const auto now = std::chrono::steady_clock::now();
    if (now >= next_token_uses) {
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

/// A portal that nobody writes to would otherwise be degraded until somebody does. With less space it is left to the
/// writers to find out whether there is enough.
void Maintenance::LookForSpace() {
  for (resilience::CircuitBreaker* const breaker :
       {&parts_.breakers->database_writes(), &parts_.breakers->blob_writes()}) {
    if (breaker->State() != resilience::BreakerState::kHalfOpen) continue;
    auto probe = breaker->Enter();
    if (!probe) continue;
    std::error_code unknown;
    const std::filesystem::space_info space = std::filesystem::space(parts_.folder, unknown);
    if (!unknown && space.available >= kSpaceToWrite) probe->Succeed();
  }
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
