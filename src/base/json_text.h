#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace portal::base {

/// Writes `text` as a JSON string with its quotes (RFC 8259 §7) and returns where it ended. `text` is
/// expected to be UTF-8; bytes that are not become U+FFFD, so that the output is always valid JSON.
/// REQUIRES: room for `MaxJsonStringSize(text.size())` bytes at `out`.
char* WriteJsonString(std::string_view text, char* out);
constexpr std::size_t MaxJsonStringSize(std::size_t text_size) { return 6 * text_size + 2; }

/// The same at the end of `out`.
void AppendJsonString(std::string_view text, std::string& out);

/// Appends a decimal integer.
void AppendDecimal(std::int64_t value, std::string& out);

/// Is `text` well-formed UTF-8 (RFC 3629: no surrogates, no overlong forms, at most U+10FFFF)?
/// Returns the offset of the first byte that is not, or `text.size()`.
std::size_t ValidUtf8Prefix(std::string_view text);
inline bool IsValidUtf8(std::string_view text) { return ValidUtf8Prefix(text) == text.size(); }

}  // namespace portal::base
