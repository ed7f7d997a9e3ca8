#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace portal::base {

/// Writes two lower-case digits a byte. REQUIRES: room for them at `out`.
void WriteHex(std::span<const unsigned char> bytes, char* out);
void AppendHex(std::span<const unsigned char> bytes, std::string& out);
std::string ToHex(std::span<const unsigned char> bytes);

/// Fills `out` from exactly `2 * out.size()` lower-case digits. False, with `out` unspecified, otherwise.
[[nodiscard]] bool FromHex(std::string_view digits, std::span<unsigned char> out);

}  // namespace portal::base
