#include "control/test_requests.h"

#include <string_view>
#include <utility>

#include "base/json_object.h"
#include "control/test_handlers.h"
#include "control/test_mode.h"
#include "http/router.h"

namespace portal::control {
namespace {

constexpr std::size_t kMostTargetBytes = 1'024;

std::string TargetOf(const http::Head& head) {
  std::string target(head.path);
  std::string_view rest = head.query;
  for (char before = '?'; !rest.empty(); before = '&') {
    const std::string_view pair = rest.substr(0, rest.find('&'));
    target.append(1, before).append(pair.substr(0, pair.find('=')));
    rest.remove_prefix(std::min(pair.size() + 1, rest.size()));
  }
  if (target.size() > kMostTargetBytes) target.resize(kMostTargetBytes);
  return target;
}

std::string ClientOf(const http::Request& request) {
  if (request.identity) return request.identity->client.value();
  return request.grant ? request.grant->client.value() : std::string();
}

std::string Json(const SeenRequest& request) {
  base::JsonObject json;
  json.Time("at", request.at).Text("method", request.method).Text("route", request.route);
  json.Text("target", request.target);
  if (request.status == 0) {
    json.Json("status", "null");
  } else {
    json.Number("status", request.status);
  }
  return json.Text("client", request.client).Text("trace_id", request.trace_id).Boolean("fault", request.fault).Done();
}

}  // namespace

SeenRequest SeenRequest::Of(const http::Request& request, int status) {
  return {request.now,
          std::string(http::ToText(request.head.method)),
          request.route ? request.route->pattern : "other",
          TargetOf(request.head),
          status,
          ClientOf(request),
          std::string(request.trace_id.view()),
          request.fault && request.fault->any()};
}

void TestRequests::Add(SeenRequest request) {
  const base::MutexLock lock(mu_);
  ++total_;
  last_.push_back(std::move(request));
  if (last_.size() > kMost) last_.pop_front();
}

void TestRequests::Clear() {
  const base::MutexLock lock(mu_);
  last_.clear();
  total_ = 0;
}

TestRequests::Seen TestRequests::All() const {
  const base::MutexLock lock(mu_);
  return {{last_.begin(), last_.end()}, total_};
}

Result<Answer> GetTestRequests(const Context& context, Request&) {
  const TestRequests::Seen seen = context.test_mode->requests.All();
  base::JsonArray rows;
  for (const SeenRequest& request : seen.last) rows.Add(Json(request));
  Answer answer;
  answer.body =
      base::JsonObject().Json("data", rows.Done()).Number("total", static_cast<std::int64_t>(seen.total)).Done();
  return answer;
}

}  // namespace portal::control
