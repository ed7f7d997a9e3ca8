#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace portal::base {

/// The text of a UUID: 32 lower-case hexadecimal digits in groups of 8, 4, 4, 4 and 12 (RFC 9562 §4).
inline constexpr std::size_t kUuidTextSize = 36;

bool IsUuidText(std::string_view text);

/// False, with `out` unspecified, unless `IsUuidText(text)`.
[[nodiscard]] bool ReadUuidText(std::string_view text, std::span<unsigned char, 16> out);

/// REQUIRES: room for kUuidTextSize characters at `out`.
void WriteUuidText(std::span<const unsigned char, 16> bytes, char* out);

}  // namespace portal::base
