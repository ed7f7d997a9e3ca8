#include "http/stages/scraper.h"

#include <array>

#include "http/stages/client_address.h"

namespace portal::http::stages {

bool IsKnownScraper(const Request& request, std::span<const base::IpNetwork> allowed,
                    std::span<const base::IpNetwork> trusted_proxies) {
  static const std::array<base::IpNetwork, 2> loopback = {*base::IpNetwork::Parse("127.0.0.0/8"),
                                                          *base::IpNetwork::Parse("::1")};
  if (IsForwarded(request.head)) {
    if (!base::AnyContains(trusted_proxies, request.peer)) return false;
    if (request.client_address == request.peer) return false;  // it has not said for whom
  }
  return base::AnyContains(loopback, request.client_address) || base::AnyContains(allowed, request.client_address);
}

}  // namespace portal::http::stages
