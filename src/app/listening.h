#pragma once

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

}  // namespace portal::app
