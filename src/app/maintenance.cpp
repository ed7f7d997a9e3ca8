#include "app/maintenance.h"

#include <chrono>

namespace portal::app {

Maintenance::Maintenance(store::Database& database, service::Readiness& readiness, base::Logger& logger)
    : database_(database), readiness_(readiness), logger_(logger), thread_([this] { Run(); }) {}

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
  while (WaitForNextRound()) {
    database_.Maintain();
    Probe();
  }
}

void Maintenance::Probe() {
  const auto status = database_.Probe();
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
