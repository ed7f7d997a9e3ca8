#include "net/exchange.h"

#include <variant>

#include "http/head_parser.h"

namespace portal::net {

void Exchange::Begin(const base::IpAddress& peer, bool secure, base::WorkerId worker) {
  request.peer = peer;
  request.secure = secure;
  request.worker = worker;
  request.budget = http::ReadBudget::kLoop;
  request.Renew();
}

void Exchange::Own(std::string_view raw) {
  raw_ = raw;
  http::HeadParser parser;
  const auto verdict = parser.Parse(raw_, request.head);
  // A head that was late is refused as it is.
  if (std::holds_alternative<http::NeedMore>(verdict)) parser.ReadSoFar(raw_, request.head);
}

void Exchange::LogAborted(const http::Pipeline& pipeline) const {
  if (response) return pipeline.LogAccess(request, response->status, 0);
  pipeline.LogAccess(request, outgoing.status(), outgoing.body_sent());
}

}  // namespace portal::net
