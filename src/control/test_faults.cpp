#include "control/test_faults.h"

#include <utility>

#include "http/router.h"

namespace portal::control {
namespace {

std::optional<base::TenantId> TenantOf(const http::Request& request) {
  if (request.identity) return request.identity->tenant;
  if (request.grant) return request.grant->tenant;
  return std::nullopt;
}

bool IsAbout(const FaultRule& rule, const http::Request& request) {
  const bool route = rule.route.empty() || rule.route == request.route->pattern;
  return route && (!rule.tenant || rule.tenant == TenantOf(request));
}

/// The `n`th number of a seed's, from 0 to 1: SplitMix64, whose numbers need not be drawn in order.
double Draw(std::uint64_t seed, std::uint64_t n) {
  std::uint64_t z = seed + (n + 1) * 0x9E3779B97F4A7C15U;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9U;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBU;
  z ^= z >> 31;
  return static_cast<double>(z >> 11) * 0x1p-53;
}

}  // namespace

void TestFaults::Set(std::vector<FaultRule> rules) {
  {
    const base::MonotonicTime now = clock_.Monotonic();
    const base::MutexLock lock(mu_);
    rules_.clear();
    for (FaultRule& rule : rules) {
      const auto until = rule.expires ? now + *rule.expires : base::MonotonicTime::max();
      rules_.push_back({std::move(rule), until});
    }
    ++orders_;
  }
  changed_.NotifyAll();
}

void TestFaults::End() {
  {
    const base::MutexLock lock(mu_);
    ended_ = true;
  }
  changed_.NotifyAll();
}

bool TestFaults::Hits(Armed& armed) {
  if (armed.rule.count && armed.hits >= *armed.rule.count) return false;
  if (Draw(armed.rule.seed, armed.asked++) >= armed.rule.probability) return false;
  ++armed.hits;
  return true;
}

http::InjectedFault TestFaults::Choose(const http::Request& request) {
  const base::MonotonicTime now = clock_.Monotonic();
  const base::MutexLock lock(mu_);
  for (Armed& armed : rules_) {
    if (now >= armed.until || !IsAbout(armed.rule, request) || !Hits(armed)) continue;
    http::InjectedFault fault = armed.rule.fault;
    fault.order = orders_;
    return fault;
  }
  return {};
}

void TestFaults::Delay(const http::InjectedFault& fault) {
  const auto until = std::chrono::steady_clock::now() + fault.latency;  // the client waits by the machine's clock
  const base::MutexLock lock(mu_);
  while (!ended_ && orders_ == fault.order && changed_.WaitUntil(mu_, until)) continue;
}

void TestFaults::Answered(const http::Request& request, int status) { requests_.Add(SeenRequest::Of(request, status)); }

}  // namespace portal::control
