#include "base/uuid_text.h"

#include <array>

#include "base/hex.h"

namespace portal::base {
namespace {

constexpr bool IsDashAt(std::size_t place) { return place == 8 || place == 13 || place == 18 || place == 23; }

}  // namespace

bool IsUuidText(std::string_view text) {
  if (text.size() != kUuidTextSize) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool digit = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
    if (IsDashAt(i) ? c != '-' : !digit) return false;
  }
  return true;
}

bool ReadUuidText(std::string_view text, std::span<unsigned char, 16> out) {
  if (!IsUuidText(text)) return false;
  std::array<char, 32> digits;
  std::size_t size = 0;
  for (const char c : text) {
    if (c != '-') digits[size++] = c;
  }
  return FromHex({digits.data(), digits.size()}, out);
}

void WriteUuidText(std::span<const unsigned char, 16> bytes, char* out) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) *out++ = '-';
    *out++ = kDigits[bytes[i] >> 4];
    *out++ = kDigits[bytes[i] & 15];
  }
}

}  // namespace portal::base
