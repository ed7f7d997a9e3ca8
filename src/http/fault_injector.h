#pragma once

#include "http/injected_fault.h"

namespace portal::http {

struct Request;

/// What test mode does to requests of the data plane, and hears of them. A portal that is not in test mode has none of
/// these: a null pointer. Thread-safe.
class FaultInjector {
 public:
  virtual ~FaultInjector() = default;
  /// What is to happen to a request that would reach its handler now; asked once a request.
  virtual InjectedFault Choose(const Request& request) = 0;
  /// Takes the latency of a fault that Choose has given, or less where the portal ends or the fault is taken away.
  virtual void Delay(const InjectedFault& fault) = 0;
  /// Of every request that has an answer, just before it is sent. `status`: 0 where there will be none.
  virtual void Answered(const Request& request, int status) = 0;
};

}  // namespace portal::http
