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
  stop_.Raise();
  if (thread_.joinable()) thread_.join();
}

void Heartbeat::Run() {
  const std::chrono::nanoseconds interval = manager_.watchdog() ? *manager_.watchdog() / 3 : kStatusInterval;
  do {
    if (std::string status = status_(); status != said_) {
      manager_.Status(status);
      said_ = std::move(status);
    }
    if (!stop_.WaitFor(interval)) return;
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
