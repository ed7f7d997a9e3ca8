#include "http/traffic.h"

#include <algorithm>
#include <string>
#include <utility>

#include "http/method.h"
#include "http/rate_limits.h"
#include "metrics/request_families.h"

namespace portal::http {
namespace {

using metrics::Type;

/// The first of them shows every endpoint from 0.
std::vector<std::string> MethodLabels() {
  std::vector<std::string> labels;
  for (std::size_t i = 0; i < static_cast<std::size_t>(Method::kOther); ++i) {
    labels.emplace_back(ToText(static_cast<Method>(i)));
  }
  return labels;
}

std::vector<std::string> EndpointLabels(const Router& router) {
  std::vector<std::string> labels;
  for (const Route& route : router.routes()) labels.push_back(metrics::EndpointLabel(route.pattern));
  return labels;
}

// The budgets of kinds of requests, then that of bad tokens.
constexpr std::size_t kPolicies = model::kLimitPolicies + 1;

std::size_t PolicyIndex(std::string_view policy) {
  return static_cast<std::size_t>(std::ranges::find(model::kLimitPolicyNames, policy) -
                                  model::kLimitPolicyNames.begin());
}

std::string_view PolicyName(std::size_t index) {
  return index < model::kLimitPolicies ? model::kLimitPolicyNames[index] : kAuthFailuresPolicy;
}

constexpr std::size_t Counter(std::size_t policy, bool allowed) { return 2 * policy + (allowed ? 1 : 0); }

bool IsBlob(const Request& request, int status) {
  return request.grant && request.head.method == Method::kGet && (status == 200 || status == 206);
}

}  // namespace

Traffic::Traffic(const Router& router, std::size_t workers)
    : router_(router),
      requests_(EndpointLabels(router), MethodLabels(), workers),
      decisions_(workers, 2 * kPolicies),
      transfers_(workers) {}

void Traffic::NoteAnswer(const Request& request, int status, std::chrono::nanoseconds duration) {
  requests_.Note(request.worker, {.endpoint = request.route ? router_.IndexOf(*request.route) : router_.routes().size(),
                                  .method = static_cast<std::size_t>(request.head.method),
                                  .status = status,
                                  .duration = duration,
                                  .trace_id = request.trace_id.view(),
                                  .now = request.now});
}

void Traffic::NoteDecision(const Request& request) {
  if (!request.limit) return;
  decisions_.Add(request.worker, Counter(PolicyIndex(request.limit->policy), request.limit->decision.allowed));
}

void Traffic::NoteEnd(const Request& request, int status, std::chrono::nanoseconds duration) {
  if (!IsBlob(request, status)) return;
  transfers_.at(request.worker.index).Observe(duration, request.trace_id.view(), request.now);
}

void Traffic::AddTo(metrics::Families& families) const {
  metrics::AddRequestFamilies(requests_.Read(), families);

  metrics::Family transfers{"http_transfer_duration_ms",
                            "From a request for a blob to its last byte with the kernel, in milliseconds",
                            Type::kHistogram};
  metrics::HistogramSample& sample = transfers.histograms.emplace_back();
  for (const metrics::Histogram& of_worker : transfers_) of_worker.AddTo(sample.reading);
  families.push_back(std::move(transfers));

  metrics::Family decisions{"portal_limiter_decisions_total", "What budgets said of requests", Type::kCounter};
  for (std::size_t policy = 0; policy < kPolicies; ++policy) {
    for (const bool allowed : {true, false}) {
      decisions.Add({{"policy", std::string(PolicyName(policy))}, {"decision", allowed ? "allowed" : "refused"}},
                    static_cast<double>(decisions_.Sum(Counter(policy, allowed))));
    }
  }
  families.push_back(std::move(decisions));
}

}  // namespace portal::http
