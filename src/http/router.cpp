#include "http/router.h"

#include <utility>

namespace portal::http {
namespace {

std::vector<std::string_view> PatternsOf(const std::vector<Route>& routes) {
  std::vector<std::string_view> patterns;
  for (const Route& route : routes) patterns.push_back(route.pattern);
  return patterns;
}

}  // namespace

Router::Router(std::vector<Route> routes) : routes_(std::move(routes)), paths_(PatternsOf(routes_)) {}

base::Result<Router::Match> Router::Find(std::string_view path) const {
  auto found = paths_.Find(path);
  if (!found) return base::Fail(std::move(found).error());
  if (!*found) return Match{};
  return Match{&routes_[(*found)->index], std::move((*found)->parameters)};
}

}  // namespace portal::http
