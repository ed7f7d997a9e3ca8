#include "http/request_log.h"

#include "http/problem.h"

namespace portal::http {

void RequestLog::Answered(const Request& request, std::string_view route, int status, std::uint64_t body_bytes,
                          std::chrono::nanoseconds elapsed) const {
  if (!access() || !logger_.Enabled(base::LogLevel::kInfo)) return;
  const std::string_view client = request.identity ? std::string_view(request.identity->client.value())
                                  : request.grant  ? std::string_view(request.grant->client.value())
                                                   : std::string_view{};
  const std::string_view token = request.identity ? request.identity->token_id.view() : std::string_view{};
  const auto address = request.client_address.ToText();
  logger_.Info("request", {{"method", ToText(request.head.method)},
                           {"route", route},
                           {"status", std::int64_t{status}},
                           {"ms", elapsed},
                           {"bytes", static_cast<std::int64_t>(body_bytes)},
                           {"client", client},
                           {"token", token},
                           {"address", address.view()},
                           {"request_id", request.request_id.view()},
                           {"trace_id", request.trace_id.view()}});
}

void RequestLog::Failed(const Request& request, const base::Error& error) const {
  const ProblemType& problem = ProblemFor(error.code);
  if (problem.status < 500) return;
  if (error.code == base::ErrorCode::kCircuitOpen) return;  // the failures before it were logged, and the transition
  logger_.Error("request_failed", {{"code", problem.code},
                                   {"detail", error.detail},
                                   {"cause", error.internal},
                                   {"trace_id", request.trace_id.view()}});
}

}  // namespace portal::http
