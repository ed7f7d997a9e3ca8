#include "app/maintenance.h"

#include <chrono>

namespace portal::app {

Maintenance::Maintenance(store::Database& database, service::Readiness& readiness, base::Logger& logger)
    : database_(database), readiness_(readiness), logger_(logger), thread_([this] { Run(); }) {}

Maintenance::~Maintenance() {
  {
    const std::lock_guard lock(mu_);
    stopping_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

void Maintenance::Run() {
  std::unique_lock lock(mu_);
  while (!wake_.wait_for(lock, std::chrono::seconds{1}, [this] { return stopping_; })) {
    lock.unlock();
    database_.Maintain();
    Probe();
    lock.lock();
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
