#include "http/pipeline.h"

#include <utility>

#include "http/problem.h"
#include "http/stages/authenticate.h"
#include "http/stages/client_address.h"
#include "http/stages/inject_fault.h"
#include "http/stages/limit.h"
#include "http/stages/recover.h"
#include "http/stages/trace.h"

namespace portal::http {
namespace {

using base::ErrorCode;

constexpr std::string_view kAllowed = "GET, HEAD, OPTIONS";

Response DescribeMethods() {
  Response response;
  response.status = 204;
  response.content_type = {};
  response.Add("Allow", std::string(kAllowed));
  return response;
}

/// What the data plane takes: GET, HEAD and OPTIONS, and no bodies at all (docs/decisions/0006).
base::Status CheckMethod(const Head& head) {
  const bool reads = head.method == Method::kGet || head.method == Method::kHead || head.method == Method::kOptions;
  if (!reads) {
    return base::Fail(ErrorCode::kMethodNotAllowed, "This resource is read-only: use GET, HEAD or OPTIONS");
  }
  if (head.chunked) {
    return base::Fail(ErrorCode::kLengthRequired, "This resource takes no request body: send Content-Length 0 or none");
  }
  if (head.has_body) return base::Fail(ErrorCode::kPayloadTooLarge, "This resource takes no request body");
  return {};
}

std::string_view RouteOf(const Request& request) {
  return request.route ? std::string_view(request.route->pattern) : "other";
}

}  // namespace

Pipeline::Pipeline(const Router& router, Authenticator& authenticator, RateLimits& limits, const base::Clock& clock,
                   RequestLog& log, Options options)
    : router_(router),
      authenticator_(authenticator),
      limits_(limits),
      clock_(clock),
      options_(std::move(options)),
      cors_(options_.allowed_origins, options_.public_url),
      log_(log),
      traffic_(router, options_.workers),
      random_(options_.workers) {}

// A request's way. This is the only place that says in which order things happen to it.
//
//   net/event_loop      collects a head; http/head_parser accepts it, or Refuse answers
//   Admit               1. trace          ids and times, so that everything after can name the request
//                       2. client address  the peer's, or what a trusted proxy says
//                       3. origin         whether a page asks, and may read the answer
//   Answer              4. recover        a bug below becomes a logged 500
//     Handle            5. match          path -> route
//                       6. CORS           403 for a page that may not; 204 to a preflight; then 404 of match
//                       7. method         405, OPTIONS, 411, 413
//                       8. authenticate   bearer token or signed URL; 401, 403
//                          fault          in test mode alone: what a test has asked for
//                       9. handler        api/…: decode, call, encode
//   Answer             10. problem        an error becomes its problem+json
//                      11. measure        counted and timed, by route and method
//   http/head_writer   12. headers        ids, security headers and those of CORS, on every answer there is
//   LogAccess          13. access log     when the last byte is gone
void Pipeline::Admit(Request& request) const {
  request.received = clock_.Unmoved();
  request.now = clock_.Wall();
  stages::AssignIds(request, random_.at(request.worker.index));
  stages::ResolveClient(request, options_.trusted_proxies);
  request.origin = cors_.Judge(request);
}

std::optional<Response> Pipeline::Answer(Request& request) const {
  auto result = stages::Recover([&] { return Handle(request); });
  if (!result) {
    if (result.error().code == ErrorCode::kOverBudget && request.budget == ReadBudget::kLoop) return std::nullopt;
    log_.Failed(request, result.error());
    result = Explain(request, result.error());
  }
  Measure(request, result->status);
  NoteInTestMode(request, *result);
  return *std::move(result);
}

void Pipeline::Measure(const Request& request, int status) const {
  traffic_.NoteAnswer(request, status, clock_.Unmoved() - request.received);
}

base::Result<Response> Pipeline::Handle(Request& request) const {
  auto matched = Match(request);
  if (auto allowed = stages::CheckOrigin(request); !allowed) return base::Fail(std::move(allowed).error());
  if (stages::IsPreflight(request)) return stages::AnswerPreflight();
  if (!matched) return base::Fail(std::move(matched).error());

  if (auto allowed = CheckMethod(request.head); !allowed) return base::Fail(std::move(allowed).error());
  if (request.head.method == Method::kOptions) return DescribeMethods();

  if (auto known = Authenticate(request); !known) return base::Fail(std::move(known).error());
  const bool was_limited = request.limited;
  auto in_budget = stages::Limit(request, limits_);
  if (!was_limited) traffic_.NoteDecision(request);
  if (!in_budget) return base::Fail(std::move(in_budget).error());

  if (options_.faults != nullptr) {
    if (auto injected = stages::InjectFault(request, *options_.faults)) return *std::move(injected);
  }
  return request.route->handler(request);
}

base::Status Pipeline::Authenticate(Request& request) const {
  const bool is_known =
      request.route->access == RouteAccess::kScraper && options_.scrapers.Know(request, options_.trusted_proxies);
  // Whoever needs no token, and gives one, gives a good one.
  const RouteAccess access = is_known ? RouteAccess::kOptionalBearer : request.route->access;
  auto known = stages::Authenticate(request, authenticator_, access);
  if (known) return {};
  const bool was_limited = request.limited;
  base::Error error = stages::CountAuthFailure(std::move(known).error(), request, limits_);
  if (!was_limited) traffic_.NoteDecision(request);
  return base::Fail(std::move(error));
}

void Pipeline::NoteInTestMode(const Request& request, Response& response) const {
  if (options_.faults == nullptr) return;
  options_.faults->Answered(request, response.status);
  response.Add("X-Portal-Test-Mode", "1");
}

/// Leaves request.route empty where there is no such resource, and for the server as a whole (RFC 9110 §9.3.7), which
/// the parser allows for OPTIONS only.
base::Status Pipeline::Match(Request& request) const {
  if (request.head.path == "*") return {};
  auto match = router_.Find(request.head.path);
  if (!match) return base::Fail(std::move(match).error());
  if (match->route == nullptr) return base::Fail(ErrorCode::kNotFound, "There is no such resource");
  request.route = match->route;
  request.path_parameters = std::move(match->parameters);
  return {};
}

Response Pipeline::Explain(const Request& request, const base::Error& error) const {
  log_.Remember(request, RouteOf(request), error);
  Response response = RenderProblem(error, PublicBase(options_.public_url, request, options_.fallback_authority),
                                    request.trace_id.view());
  if (error.code == ErrorCode::kMethodNotAllowed) response.Add("Allow", std::string(kAllowed));
  if (error.code == ErrorCode::kRateLimitExceeded) {
    response.Add("Retry-After", std::to_string(stages::RetryAfterSeconds(request)));
  }
  response.close = request.head.has_body;  // it stays unread, so the next request's start is unknown
  return response;
}

Response Pipeline::Refuse(const Request& request, const Refusal& refusal) const {
  Response response = Decline(request, refusal);
  response.close = true;
  return response;
}

Response Pipeline::Decline(const Request& request, const Refusal& refusal) const {
  Response response = Explain(request, base::Error{refusal.code, refusal.detail, {}, {}});
  Measure(request, response.status);
  NoteInTestMode(request, response);
  return response;
}

void Pipeline::LogAccess(const Request& request, int status, std::uint64_t body_bytes) const {
  const std::chrono::nanoseconds elapsed = clock_.Unmoved() - request.received;
  traffic_.NoteEnd(request, status, elapsed);
  log_.Answered(request, RouteOf(request), status, body_bytes, elapsed);
}

std::string PublicBase(std::string_view public_url, const Request& request, std::string_view fallback_authority) {
  if (!public_url.empty()) return std::string(public_url);
  std::string base = request.secure ? "https://" : "http://";
  return base.append(request.head.host.empty() ? fallback_authority : request.head.host);
}

}  // namespace portal::http
