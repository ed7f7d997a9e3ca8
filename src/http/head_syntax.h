#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace portal::http {

// The small grammars that a request head is made of. All pure.

/// `tchar` of RFC 9110 §5.6.2.
bool IsTokenChar(char c);
/// A non-empty `token` of RFC 9110 §5.6.2: methods, field names, connection options, codings.
bool IsToken(std::string_view text);

/// Only what a field value may hold (RFC 9110 §5.5): visible ASCII, space, tab and obs-text.
bool IsFieldValue(std::string_view text);

/// Only visible ASCII without `#`: what a request target can be made of on the wire (RFC 9112 §3.2). A URI has
/// none of "<>\^`{|} either (RFC 3986 §2), but browsers send some of them as typed, and they part nothing here.
bool IsTargetText(std::string_view text);

/// `uri-host [ ":" port ]` (RFC 9110 §7.2): a registered name, an IPv4 or a bracketed IPv6 address; no
/// user information, no zone. The port is empty or 0 to 65535.
bool IsAuthority(std::string_view text);

/// An authority whose port is there and not 0, as CONNECT must name one (RFC 9110 §9.3.6).
bool IsAuthorityWithPort(std::string_view text);

/// `1*DIGIT` that fits 63 bits (RFC 9110 §8.6), nullopt for anything else: signs, lists, blanks.
std::optional<std::uint64_t> ParseContentLength(std::string_view text);

/// `text` without leading and trailing spaces and tabs (OWS).
std::string_view TrimBlanks(std::string_view text);

/// Takes the next member, trimmed, off a comma-separated list (RFC 9110 §5.6.1); members may be empty.
/// REQUIRES: `more`, which becomes false with the last member.
std::string_view TakeListMember(std::string_view& list, bool& more);

}  // namespace portal::http
