#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/logger.h"
#include "config/config.h"
#include "control/context.h"
#include "control/dispatcher.h"
#include "control/routes.h"
#include "control/server.h"
#include "http/authenticator.h"
#include "net/listener.h"
#include "net/settings.h"

namespace portal::app {

/// What operators and feeding systems connect to, in the order of its dependencies. Serves from the moment this is
/// constructed.
class ControlPlane {
 public:
  /// What the control plane takes from the rest of the portal, and what of it is its own.
  struct Surroundings {
    control::Context context;
    http::Authenticator& authenticator;
    std::string problem_base;                 ///< scheme and authority of the pages that problems point to
    std::optional<http::OwnHosts> own_hosts;  ///< which alone it answers for; nullopt: for all
    net::Settings settings;
    std::size_t first_worker = 0;    ///< workers from here on are its own, one a thread
    std::size_t first_tls_slot = 0;  ///< as are OpenSSL's libraries
  };

  ControlPlane(net::Listener listener, Surroundings surroundings);

  /// Handlers that work for long end early; then see control::Server.
  void Drain();
  /// Takes over what may change in a running portal. Thread-safe.
  void Apply(const net::Settings& settings) { server_.Apply(settings); }

 private:
  const control::Context context_;
  const std::vector<control::Route> routes_;  // those of test mode among them, where there is one
  control::Dispatcher dispatcher_;
  control::Server server_;
};

}  // namespace portal::app
