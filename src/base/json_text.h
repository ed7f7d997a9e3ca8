#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace portal::base {

/// Appends `text` as a JSON string with its quotes (RFC 8259 §7). `text` is expected to be UTF-8; bytes
/// that are not become U+FFFD, so that the output is always valid JSON.
void AppendJsonString(std::string_view text, std::string& out);

/// Appends a decimal integer.
void AppendDecimal(std::int64_t value, std::string& out);

/// Is `text` well-formed UTF-8 (RFC 3629: no surrogates, no overlong forms, at most U+10FFFF)?
/// Returns the offset of the first byte that is not, or `text.size()`.
std::size_t ValidUtf8Prefix(std::string_view text);
inline bool IsValidUtf8(std::string_view text) { return ValidUtf8Prefix(text) == text.size(); }

}  // namespace portal::base
