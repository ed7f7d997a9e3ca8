#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "http/request.h"

namespace portal::control {

// The cookie that holds a session's secret (RFC 6265): `__Host-portal` over TLS, which no other host and no page
// without TLS can set; `portal` without.

/// The secret that the request's cookie holds, unchecked; nullopt: it has no such cookie.
std::optional<std::string_view> FindSessionSecret(const http::Request& request);

// Values of Set-Cookie. Scripts cannot read the cookie, and no other site's page makes a browser send it.
std::string KeepSessionCookie(bool secure, std::string_view secret);
std::string DropSessionCookie(bool secure);

/// Browsers send the cookie whoever made them ask, at least for pages of the same machine, whatever their port: what
/// comes with it must come from the portal's own page. kCorsOriginDenied unless Sec-Fetch-Site (W3C Fetch Metadata)
/// says so, or, of browsers that do not send it, Origin does. Reads may come without either.
base::Status CheckOwnPage(const http::Request& request);

}  // namespace portal::control
