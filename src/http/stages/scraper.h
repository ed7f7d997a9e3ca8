#pragma once

#include <span>

#include "base/ip_network.h"
#include "http/request.h"

namespace portal::http::stages {

/// Whether whoever asks may read the metrics without a token: it is on this machine, or `allowed` names its address.
/// Through a proxy nobody is on this machine because the proxy is, and nobody's address is known unless the proxy is
/// trusted and has said it. REQUIRES: request.client_address is resolved.
bool IsKnownScraper(const Request& request, std::span<const base::IpNetwork> allowed,
                    std::span<const base::IpNetwork> trusted_proxies);

}  // namespace portal::http::stages
