#include "control/dispatcher.h"

#include <algorithm>
#include <exception>
#include <utility>

#include "control/authentication.h"
#include "control/caller.h"
#include "control/complaints.h"
#include "http/head_syntax.h"
#include "http/problem.h"
#include "http/stages/client_address.h"
#include "http/stages/cors.h"
#include "http/stages/recover.h"
#include "http/stages/trace.h"
#include "store/database.h"
#include "store/reader.h"

namespace portal::control {

namespace {

using base::ErrorCode;
using base::Fail;
using http::Method;

std::vector<std::string_view> PatternsOf(std::span<const Route> routes) {
  std::vector<std::string_view> patterns;
  for (const Route& route : routes) patterns.push_back(route.pattern);
  return patterns;
}

/// A page of somebody else's cannot read what is answered here, but it can make its visitor's browser send it.
bool IsChangeByForeignPage(const http::Request& request) {
  if (request.head.method == Method::kGet || request.head.method == Method::kHead) return false;
  const auto origin = request.head.Find("Origin");
  return origin && !http::stages::IsSameOrigin(*origin, request);
}

/// What the store says of its troubles is for the operator: it goes to the log, and the client hears that there is
/// trouble, or that the portal stops. A full disk it should hear of.
base::Error WithoutTroubles(base::Error error, bool stopping) {
  if (error.code != ErrorCode::kUnavailable) return error;
  std::string internal = error.internal.empty() ? error.detail : error.detail + ": " + error.internal;
  return {ErrorCode::kUnavailable,
          stopping ? "The portal is stopping; try again when it is back"
                   : "The portal's data cannot be used at the moment; try again",
          std::move(internal),
          {}};
}

}  // namespace

Dispatcher::Dispatcher(std::span<const Route> routes, const Context& context, http::Authenticator& authenticator,
                       Options options)
    : routes_(routes),
      paths_(PatternsOf(routes)),
      context_(context),
      authenticator_(authenticator),
      options_(std::move(options)),
      random_(options_.workers) {}

// A request's way. This is the only place that says in which order things happen to it.
//
//   connection          collects a head; http/head_parser accepts it, or Refuse answers
//   Admit               1. trace          ids and times, so that everything after can name the request
//                       2. client address  the peer's, or what a trusted proxy says
//   Handle              3. recover        a bug below becomes a logged 500
//     Run                  host           with demo data and in test mode: this machine's alone; 421
//                       4. forwarded      who comes through a proxy is nobody on this machine; 403
//                       5. origin         a page of somebody else's changes nothing; 403
//                       6. match          path and method -> route; 404, 405
//                       7. authenticate   bearer token, or the cookie of a session; 401, of a foreign page 403
//                       8. authorise      scopes, and the tenant of the path; 403, 404
//                       9. query          only what the route knows, once; 400
//                      10. handler        <resource>.cpp: decode, call, encode
//   Handle             11. problem        an error becomes its problem+json
//   connection         12. headers        ids and security headers, on every answer there is
//   LogAnswered        13. access log     when the last byte is gone
void Dispatcher::Admit(http::Request& request) const {
  request.received = context_.clock.Unmoved();
  request.now = context_.clock.Wall();
  http::stages::AssignIds(request, random_.at(request.worker.index - options_.first_worker.index));
  http::stages::ResolveClient(request, options_.trusted_proxies);
}

Answer Dispatcher::Handle(http::Request& request, Request& place) const {
  base::Result<Answer> result = http::stages::Recover<Answer>([&] { return Run(request, place); });
  if (!result) {
    const base::Error error = WithoutTroubles(std::move(result).error(), context_.stopping->begun());
    context_.request_log.Failed(request, error);
    context_.request_log.Remember(request, RouteOf(&place), error);
    result = Explain(request, error);
  }
  if (context_.stopping->begun()) result->close = true;
  const bool is_cacheable = std::ranges::any_of(
      result->fields, [](const http::ResponseField& field) { return field.name == "Cache-Control"; });
  if (!is_cacheable) result->Add("Cache-Control", "no-store");
  if (context_.test_mode != nullptr) result->Add("X-Portal-Test-Mode", "1");
  return *std::move(result);
}

base::Result<Answer> Dispatcher::Run(http::Request& request, Request& place) const {
  if (options_.own_hosts && !options_.own_hosts->AreMeantBy(request.head)) {
    return Fail(
        ErrorCode::kMisdirected,
        "The Host \"" + std::string(request.head.host) +
            "\" is not one that the control plane answers for with demo data or in test mode, so that no foreign "
            "page gets at it: ask localhost or 127.0.0.1, or start the portal with a public_url of that host");
  }
  if (IsForwardedByStranger(request)) {
    return Fail(ErrorCode::kForbidden,
                "The control plane listens on this machine alone and takes no request that a proxy has forwarded, "
                "unless net.trusted_proxies names the proxy");
  }
  if (IsChangeByForeignPage(request)) {
    return Fail(ErrorCode::kCorsOriginDenied, "Pages of other origins may not change anything on the control plane");
  }
  const auto route = Match(request, place);
  if (!route) return Fail(route.error());
  if (auto allowed = Authorise(request, **route, place); !allowed) return Fail(std::move(allowed).error());

  if (auto known = ReadQuery(request, **route, place); !known) return Fail(std::move(known).error());
  return (*route)->handler(context_, place);
}

bool Dispatcher::IsForwardedByStranger(const http::Request& request) const {
  return options_.refuse_forwarded && http::stages::IsForwarded(request.head) &&
         !base::AnyContains(options_.trusted_proxies, request.peer);
}

base::Result<const Route*> Dispatcher::Match(http::Request& request, Request& place) const {
  auto match = paths_.Find(request.head.path);
  if (!match) return Fail(std::move(match).error());
  if (!*match) return Fail(ErrorCode::kNotFound, "There is no such resource");
  request.path_parameters = std::move((*match)->parameters);
  const std::string_view pattern = routes_[(*match)->index].pattern;
  const auto find = [&](Method method) {
    return std::ranges::find_if(routes_,
                                [&](const Route& route) { return route.pattern == pattern && route.method == method; });
  };
  auto at = find(request.head.method);
  if (at == routes_.end() && request.head.method == Method::kHead) at = find(Method::kGet);
  place.route_ = &routes_[(*match)->index];
  if (at == routes_.end()) {
    return Fail(ErrorCode::kMethodNotAllowed, "This resource takes " + AllowedOn(request));
  }
  place.route_ = &*at;
  return &*at;
}

std::string Dispatcher::AllowedOn(const http::Request& request) const {
  const auto match = paths_.Find(request.head.path);
  std::string allowed;
  for (const Route& route : routes_) {
    if (route.pattern != routes_[(*match)->index].pattern) continue;
    allowed += (allowed.empty() ? "" : ", ") + std::string(http::ToText(route.method));
    if (route.method == Method::kGet) allowed += ", HEAD";
  }
  return allowed;
}

base::Status Dispatcher::Authorise(http::Request& request, const Route& route, Request& place) const {
  if (route.needs == Needs::kNothing) return {};
  place.still_allowed_ = [this, &request, &route, &place] { return AuthoriseAgain(request, route, place); };
  const auto past_breaker = PastBreaker(request, route);
  auto caller =
      CheckCaller(request, authenticator_, *context_.sessions, context_.database.reader(request.worker), request.now);
  if (!caller) return Fail(std::move(caller).error());
  request.identity = std::move(caller->identity);
  place.session_ = std::move(caller->session);
  // Which no page of another origin can send without asking before.
  if (place.session_ && request.head.has_body) {
    if (auto json = place.RequireContentType({"application/json"}); !json) return Fail(std::move(json).error());
  }
  if (route.pattern.find("{tenant}") == std::string_view::npos) return CheckScope(*request.identity, route.needs);
  auto tenant =
      AuthoriseTenant(*request.identity, route.needs, place.Path("tenant"), context_.database.reader(request.worker));
  if (!tenant) return Fail(std::move(tenant).error());
  place.tenant_ = *std::move(tenant);
  return {};
}

std::optional<store::Reader::PastBreaker> Dispatcher::PastBreaker(const http::Request& request,
                                                                  const Route& route) const {
  if (!route.past_breaker) return std::nullopt;
  return std::optional<store::Reader::PastBreaker>(std::in_place, context_.database.reader(request.worker));
}

base::Status Dispatcher::AuthoriseAgain(const http::Request& request, const Route& route, const Request& place) const {
  const auto past_breaker = PastBreaker(request, route);
  store::Reader& reader = context_.database.reader(request.worker);
  const auto caller = CheckCaller(request, authenticator_, *context_.sessions, reader, context_.clock.Wall());
  if (!caller) return Fail(caller.error());
  const http::Identity& identity = caller->identity;
  if (route.pattern.find("{tenant}") == std::string_view::npos) return CheckScope(identity, route.needs);
  const auto tenant = AuthoriseTenant(identity, route.needs, place.Path("tenant"), reader);
  if (!tenant) return Fail(tenant.error());
  if (tenant->id != place.tenant()) return Fail(ErrorCode::kNotFound, "Tenant not found");
  return {};
}

base::Status Dispatcher::ReadQuery(const http::Request& request, const Route& route, Request& place) {
  if (route.query == kAnyQuery) return {};
  auto query = http::QueryParameters::Parse(request.head.query);
  if (!query) return Fail(std::move(query).error());
  place.query_ = *std::move(query);
  std::string_view known = route.query;
  for (bool more = !known.empty(); more;) {
    static_cast<void>(place.query_.Take(http::TakeListMember(known, more)));
  }
  Complaints complaints;
  for (base::ParameterError& error : place.query_.Errors(route.query)) {
    complaints.Add(std::move(error.parameter), std::move(error.detail));
  }
  if (complaints.empty()) return {};
  return Fail(
      {ErrorCode::kValidation, "The query has parameters that are unknown or repeated", {}, complaints.ToErrors()});
}

Answer Dispatcher::Explain(const http::Request& request, const base::Error& error) const {
  Answer answer{http::RenderProblem(error, options_.problem_base, request.trace_id.view()), {}};
  if (error.code == ErrorCode::kMethodNotAllowed) answer.Add("Allow", AllowedOn(request));
  return answer;
}

Answer Dispatcher::Refuse(const http::Request& request, const http::Refusal& refusal) const {
  const base::Error error{refusal.code, refusal.detail, {}, {}};
  context_.request_log.Remember(request, RouteOf(nullptr), error);
  Answer answer = Explain(request, error);
  answer.Add("Cache-Control", "no-store");
  if (context_.test_mode != nullptr) answer.Add("X-Portal-Test-Mode", "1");
  answer.close = true;
  return answer;
}

std::string_view Dispatcher::RouteOf(const Request* place) {
  return place != nullptr && place->route_ != nullptr ? place->route_->pattern : "other";
}

void Dispatcher::LogBug(const http::Request& request, std::string_view what) const {
  context_.request_log.Failed(request,
                              {ErrorCode::kInternal, "A streamed answer ended early", "bug: " + std::string(what), {}});
}

void Dispatcher::LogAnswered(const http::Request& request, const Request* place, int status,
                             std::uint64_t body_bytes) const {
  context_.request_log.Answered(request, RouteOf(place), status, body_bytes,
                                context_.clock.Unmoved() - request.received);
}

}  // namespace portal::control
