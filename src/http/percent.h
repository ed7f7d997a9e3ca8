#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace portal::http {

/// Decodes `%XX` (RFC 3986 §2.1), once. nullopt for an incomplete or non-hex escape, for bytes that are not
/// UTF-8 in the end, and for NUL. With `plus_is_space`, as HTML forms and URLSearchParams write queries.
std::optional<std::string> DecodePercent(std::string_view text, bool plus_is_space = false);

/// What a client is told whose text does not decode.
inline constexpr std::string_view kPercentRule =
    "every % must begin the two hex digits of a byte, and the bytes must "
    "be UTF-8 without NUL";

/// Appends `text` with everything but unreserved characters (RFC 3986 §2.3) as upper-case `%XX`.
void AppendPercentEncoded(std::string_view text, std::string& out);

}  // namespace portal::http
