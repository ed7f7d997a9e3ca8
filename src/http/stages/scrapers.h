#pragma once

#include <span>
#include <vector>

#include "base/ip_network.h"
#include "http/own_hosts.h"
#include "http/request.h"

namespace portal::http::stages {

/// Who may read the metrics without a token.
struct Scrapers {
  /// This machine, where it asks for one of these: a page that has been made to look like it, or a proxy on it, asks
  /// for another host.
  OwnHosts own_hosts{};
  std::vector<base::IpNetwork> allowed{};  ///< and whoever has one of these addresses, by whatever host

  /// Through a proxy nobody is on this machine because the proxy is, and nobody's address is known unless the proxy is
  /// trusted and has said it. REQUIRES: request.client_address is resolved.
  bool Know(const Request& request, std::span<const base::IpNetwork> trusted_proxies) const;
};

}  // namespace portal::http::stages
