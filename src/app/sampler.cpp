#include "app/sampler.h"

#include <algorithm>

namespace portal::app {
namespace {

constexpr std::chrono::milliseconds kInterval{1000};

}  // namespace

Sampler::Sampler(const metrics::RequestMetrics& requests, metrics::SampleRing& samples, metrics::ServiceLevels& levels)
    : requests_(requests), samples_(samples), levels_(levels), thread_([this] { Run(); }) {}

Sampler::~Sampler() {
  stop_.Raise();
  thread_.join();
}

void Sampler::Run() {
  auto next = std::chrono::steady_clock::now() + kInterval;
  while (stop_.WaitUntil(next)) {
    const metrics::RequestReading reading = requests_.Read();
    samples_.Note(reading);
    levels_.Note(reading);
    // Evenly, but what was missed while the machine was busy or asleep is not made up for, and none is so short that
    // its rates say nothing.
    next = std::max(next + kInterval, std::chrono::steady_clock::now() + kInterval / 2);
  }
}

}  // namespace portal::app
