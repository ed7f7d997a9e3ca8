#pragma once

#include <span>
#include <string>
#include <vector>

#include "app/app.h"
#include "net/listener.h"
#include "service/demo/demo_data.h"

namespace portal::app {

/// The listener that is simplest to ask: plain and on a port, where there is one. REQUIRES: there are some.
const net::Listener& Simplest(const std::vector<net::Listener>& listeners);

/// `http://127.0.0.1:3000`; of a Unix socket `http://localhost`.
std::string UrlOf(const net::Listener& listener);

/// For `port_file`: a line a listener, in their order: the bound port, or the path of a Unix socket.
std::string PortLines(std::span<const net::Listener> listeners);

/// For `--ready-file`: a line of JSON with `url`, `control_url` (null where there is none), `pid` and `tokens`.
std::string ReadyLine(const Listeners& listeners, std::span<const service::DemoToken> tokens);

}  // namespace portal::app
