#include "app/control_plane.h"

#include <utility>

#include "control/routes.h"

namespace portal::app {
namespace {

control::Dispatcher::Options DispatcherOptions(const net::Listener& listener,
                                               const ControlPlane::Surroundings& surroundings) {
  control::Dispatcher::Options options;
  options.problem_base = surroundings.problem_base;
  options.refuse_forwarded = listener.is_local();
  options.first_worker = base::WorkerId{surroundings.first_worker};
  options.workers = surroundings.context.config.control.threads;
  options.trusted_proxies = surroundings.context.config.net.trusted_proxies;
  return options;
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
    : context_(surroundings.context),
      log_(context_.clock, context_.logger, context_.config.log.access),
      dispatcher_(control::RouteTable(), context_, surroundings.authenticator, log_,
                  DispatcherOptions(listener, surroundings)),
      server_(std::move(listener), dispatcher_, context_.clock, context_.logger, ServerOptions(surroundings)) {}

void ControlPlane::Drain() {
  context_.stopping->Begin();
  server_.Drain();
}

void ControlPlane::Apply(const config::Config& config, const net::Settings& settings) {
  log_.SetAccess(config.log.access);
  server_.Apply(settings);
}

}  // namespace portal::app
