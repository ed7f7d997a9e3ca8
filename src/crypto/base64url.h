#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace portal::crypto {

/// RFC 4648 §5 without padding. For public text: its time tells of the content, unlike libsodium's.
std::string ToBase64Url(std::span<const unsigned char> bytes);
/// nullopt for anything that `ToBase64Url` would not have written.
std::optional<std::string> FromBase64Url(std::string_view text);
/// RFC 4648 §4 with padding, as Content-Security-Policy hashes want it.
std::string ToBase64(std::span<const unsigned char> bytes);

}  // namespace portal::crypto
