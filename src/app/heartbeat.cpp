#include "app/heartbeat.h"

#include <chrono>
#include <utility>

namespace portal::app {
namespace {

// Where there is only the status line to keep true.
constexpr std::chrono::seconds kStatusInterval{5};

}  // namespace

Heartbeat::Heartbeat(const ServiceManager& manager, base::Logger& logger, std::function<bool()> beat,
                     std::function<std::string()> status)
    : manager_(manager), logger_(logger), beat_(std::move(beat)), status_(std::move(status)) {
  if (!manager_.is_there()) return;
  static_cast<void>(beat_());  // begins the time of which the first answer tells
  thread_ = std::thread([this] { Run(); });
}

Heartbeat::~Heartbeat() {
  {
    const base::MutexLock lock(mu_);
    stopping_ = true;
  }
  wake_.NotifyOne();
  if (thread_.joinable()) thread_.join();
}

/// False: it is time to stop.
bool Heartbeat::WaitForNextBeat() {
  const auto interval = manager_.watchdog() ? *manager_.watchdog() / 3 : kStatusInterval;
  const auto next = std::chrono::steady_clock::now() + interval;
  const base::MutexLock lock(mu_);
  while (!stopping_ && wake_.WaitUntil(mu_, next)) continue;
  return !stopping_;
}

void Heartbeat::Run() {
  do {
    if (std::string status = status_(); status != said_) {
      manager_.Status(status);
      said_ = std::move(status);
    }
    if (!WaitForNextBeat()) return;
    if (manager_.watchdog()) Beat();
  } while (true);
}

void Heartbeat::Beat() {
  const bool alive = beat_();
  if (alive) manager_.Alive();
  if (alive == !stuck_) return;
  stuck_ = !alive;
  if (stuck_) {
    logger_.Error("event_loop_stuck",
                  {{"detail", "the service manager will restart the portal unless it comes round"}});
  } else {
    logger_.Info("event_loop_came_round");
  }
}

}  // namespace portal::app
