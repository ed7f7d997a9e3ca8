#pragma once

#include <span>

#include "base/ip_network.h"
#include "http/request.h"

namespace portal::http::stages {

/// Finds out whose address the request is from: the peer's; or where the peer is one of the trusted proxies, the
/// rightmost of `X-Forwarded-For` that is not. What stands left of that, anybody may have written. An entry that is no
/// address (`unknown`, a name) ends the search at whoever wrote it; one may have a port.
/// REQUIRES: request.head and request.peer are set. Sets request.client_address.
void ResolveClient(Request& request, std::span<const base::IpNetwork> trusted_proxies);

/// Whether somebody has passed it on, as `Forwarded` (RFC 7239), any `X-Forwarded-…`, `Via` (RFC 9110 §7.6.3) or what
/// nginx and CDNs send (`X-Real-IP`, `CF-Connecting-IP`, `True-Client-IP`) says. A proxy on this machine
/// reaches a loopback listener for whomever it likes: whatever is for this machine alone is not for these requests,
/// unless the peer is a trusted proxy.
bool IsForwarded(const Head& head);

}  // namespace portal::http::stages
