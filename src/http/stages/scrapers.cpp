#include "http/stages/scrapers.h"

#include <array>

#include "http/stages/client_address.h"

namespace portal::http::stages {

bool Scrapers::Know(const Request& request, std::span<const base::IpNetwork> trusted_proxies) const {
  static const std::array<base::IpNetwork, 2> loopback = {*base::IpNetwork::Parse("127.0.0.0/8"),
                                                          *base::IpNetwork::Parse("::1")};
  if (IsForwarded(request.head)) {
    if (!base::AnyContains(trusted_proxies, request.peer)) return false;
    if (request.client_address == request.peer) return false;  // it has not said for whom
  }
  if (base::AnyContains(allowed, request.client_address)) return true;
  return base::AnyContains(loopback, request.client_address) && own_hosts.AreMeantBy(request.head);
}

}  // namespace portal::http::stages
