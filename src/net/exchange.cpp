#include "net/exchange.h"

#include "http/head_parser.h"

namespace portal::net {

void Exchange::Begin(std::string_view peer, bool secure, base::WorkerId worker) {
  request.peer_address = peer;
  request.secure = secure;
  request.worker = worker;
  request.budget = http::ReadBudget::kLoop;
  request.route = nullptr;
  request.identity.reset();
  request.grant.reset();
}

void Exchange::Own(std::string_view raw) {
  raw_ = raw;
  peer_.Assign(request.peer_address);
  request.peer_address = peer_.view();
  request.head.Clear();
  static_cast<void>(http::HeadParser().Parse(raw_, request.head));
}

void Exchange::LogAborted(const http::Pipeline& pipeline) const {
  if (response) return pipeline.LogAccess(request, response->status, 0);
  pipeline.LogAccess(request, outgoing.status(), outgoing.body_sent());
}

}  // namespace portal::net
