#pragma once

#include "http/response.h"
#include "service/readiness.h"

namespace portal::service {

// What /livez and /readyz answer, on both planes.
http::Response AnswerLiveness();
/// 503 with reasons when the portal should get no traffic.
http::Response AnswerReadiness(const Readiness& readiness);

}  // namespace portal::service
