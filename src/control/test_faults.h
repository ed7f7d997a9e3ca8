#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "base/mutex.h"
#include "control/test_requests.h"
#include "http/fault_injector.h"

namespace portal::control {

/// Which requests of the data plane a fault befalls, and which fault.
struct FaultRule {
  std::string route;                     ///< a route's pattern; empty: all of them
  std::optional<base::TenantId> tenant;  ///< whose requests; nullopt: everybody's
  http::InjectedFault fault;
  double probability = 1;                            ///< of a request that the rule is about: 0 to 1
  std::uint64_t seed = 0;                            ///< which of them are hit follows from it
  std::optional<std::uint64_t> count;                ///< how many are hit at most
  std::optional<std::chrono::milliseconds> expires;  ///< how long it is in force
};

/// The faults that test mode was told to inject, and what it has seen. Of several rules about a request the first one
/// that hits it decides. With the same rules, the same requests in the same order are hit. Thread-safe.
class TestFaults final : public http::FaultInjector {
 public:
  /// Both are borrowed.
  TestFaults(const base::Clock& clock, TestRequests& requests) : clock_(clock), requests_(requests) {}

  /// In place of all rules before; requests that are being delayed go on at once.
  void Set(std::vector<FaultRule> rules);
  /// No delay takes any time from here on: the portal ends.
  void End();

  http::InjectedFault Choose(const http::Request& request) override;
  void Delay(const http::InjectedFault& fault) override;
  void Answered(const http::Request& request, int status) override;

 private:
  struct Armed {
    FaultRule rule;
    base::MonotonicTime until;
    std::uint64_t asked = 0;  // requests that it was about
    std::uint64_t hits = 0;
  };
  static bool Hits(Armed& armed);

  const base::Clock& clock_;
  TestRequests& requests_;
  base::Mutex mu_;
  base::CondVar changed_;
  std::vector<Armed> rules_ GUARDED_BY(mu_);
  std::uint64_t orders_ GUARDED_BY(mu_) = 0;  // how often Set was called
  bool ended_ GUARDED_BY(mu_) = false;
};

}  // namespace portal::control
