#pragma once

#include <optional>
#include <vector>

#include "base/result.h"
#include "config/config.h"
#include "net/inherited_sockets.h"
#include "net/listener.h"

namespace portal::app {

/// Whether `listen` was set by anybody: its default gives way to inherited sockets.
enum class ListenKey { kDefault, kGiven };

/// Everything the portal listens on, in the order of `listen`. kValidation where its entries and the inherited
/// sockets do not match: one that no entry names would be served by nobody; kUnavailable where one cannot be bound.
/// `detail` names the entry or the socket, and the remedy.
base::Result<std::vector<net::Listener>> BindAll(const config::Config& config, ListenKey listen,
                                                 std::vector<net::InheritedSocket> inherited);

/// What the control plane listens on; nullopt where it is switched off. Its default gives way to a free port where all
/// of `listen` asks for free ports: whoever starts many portals on one machine wants none of them to be in the way.
/// Errors as BindAll.
base::Result<std::optional<net::Listener>> BindControl(const config::Config& config, ListenKey listen);

}  // namespace portal::app
