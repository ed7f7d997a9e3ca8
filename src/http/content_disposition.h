#pragma once

#include <string>
#include <string_view>

namespace portal::http {

/// `attachment; filename="…"; filename*=UTF-8''…` (RFC 6266, RFC 8187): the first name is what old clients
/// get, in ASCII with `_` for whatever cannot be written plainly; the second is the name itself.
/// `type` is `attachment` or `inline`.
std::string ContentDisposition(std::string_view type, std::string_view file_name);

/// May a browser show this type in a page of its own: nothing that runs scripts is among them.
bool MayBeShownInline(std::string_view content_type);

}  // namespace portal::http
