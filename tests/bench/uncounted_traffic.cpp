// http/traffic without its counting. Linked before the library it takes the place of the product's, and makes the
// portal that `./dev bench telemetry` compares the usual one with.
#include <string>
#include <vector>

#include "http/traffic.h"

namespace portal::http {

namespace {

/// Service levels look their endpoints up, and find that nobody has asked for them.
std::vector<std::string> EndpointLabels(const Router& router) {
  std::vector<std::string> labels;
  for (const Route& route : router.routes()) labels.push_back(metrics::EndpointLabel(route.pattern));
  return labels;
}

}  // namespace

Traffic::Traffic(const Router& router, std::size_t workers)
    : router_(router), requests_(EndpointLabels(router), {"GET"}, workers), decisions_(workers, 1) {}

void Traffic::NoteAnswer(const Request&, int, std::chrono::nanoseconds) {}
void Traffic::NoteDecision(const Request&) {}
void Traffic::NoteEnd(const Request&, int, std::chrono::nanoseconds) {}
void Traffic::AddTo(metrics::Families&) const {}

}  // namespace portal::http
