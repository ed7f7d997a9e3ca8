#pragma once

#include <string>

#include "base/clock.h"
#include "http/request.h"
#include "http/response.h"

namespace portal::http {

/// Appends status line and header fields of `response` to `out`, ready to be followed by the body
/// (RFC 9112 §4): Date, ids, security headers, those of CORS, its length (not on 204 and 304), `Connection: close`
/// when `close`, the response's own fields. Pure.
void WriteHead(const Request& request, const Response& response, base::WallTime now, bool close, std::string& out);

}  // namespace portal::http
