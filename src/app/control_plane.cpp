#include "app/control_plane.h"

#include <utility>

#include "control/routes.h"
#include "control/test_routes.h"

namespace portal::app {
namespace {

control::Dispatcher::Options DispatcherOptions(const net::Listener& listener,
                                               const ControlPlane::Surroundings& surroundings) {
  control::Dispatcher::Options options;
  options.problem_base = surroundings.problem_base;
  options.own_hosts = surroundings.own_hosts;
  options.refuse_forwarded = listener.is_local();
  options.first_worker = base::WorkerId{surroundings.first_worker};
  options.workers = surroundings.context.config.control.threads;
  options.trusted_proxies = surroundings.context.config.net.trusted_proxies;
  return options;
}

/// Browsers reach no Unix socket, and what listens for other machines is asked for by names that nobody here knows.
control::Context WithHosts(control::Context context, const net::Listener& listener) {
  if (listener.is_local() && !listener.is_unix()) {
    context.sign_in_hosts = http::OwnHosts({context.config.public_url, context.config.signed_urls.base_url});
  }
  return context;
}

std::vector<control::Route> RoutesOf(const control::Context& context) {
  const std::span<const control::Route> always = control::RouteTable();
  std::vector<control::Route> routes(always.begin(), always.end());
  if (context.test_mode == nullptr) return routes;
  const std::span<const control::Route> in_test_mode = control::TestRouteTable();
  routes.insert(routes.end(), in_test_mode.begin(), in_test_mode.end());
  return routes;
}

control::Server::Options ServerOptions(const ControlPlane::Surroundings& surroundings) {
  control::Server::Options options;
  options.threads = surroundings.context.config.control.threads;
  options.first_worker = base::WorkerId{surroundings.first_worker};
  options.first_tls_slot = surroundings.first_tls_slot;
  options.settings = surroundings.settings;
  return options;
}

}  // namespace

ControlPlane::ControlPlane(net::Listener listener, Surroundings surroundings)
    : context_(WithHosts(surroundings.context, listener)),
      routes_(RoutesOf(context_)),
      dispatcher_(routes_, context_, surroundings.authenticator, DispatcherOptions(listener, surroundings)),
      server_(std::move(listener), dispatcher_, context_.clock, context_.logger, ServerOptions(surroundings)) {}

void ControlPlane::Drain() {
  context_.stopping->Begin();
  server_.Drain();
}

}  // namespace portal::app
