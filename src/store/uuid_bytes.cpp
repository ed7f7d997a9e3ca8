#include "store/uuid_bytes.h"

#include <cassert>

#include "base/hex.h"
#include "model/contact.h"

namespace portal::store {

std::optional<UuidBytes> ParseUuid(std::string_view text) {
  if (!model::IsContactId(text)) return std::nullopt;
  std::array<char, 32> digits;
  std::size_t size = 0;
  for (const char c : text) {
    if (c != '-') digits[size++] = c;
  }
  UuidBytes bytes;
  if (!base::FromHex({digits.data(), digits.size()}, bytes)) return std::nullopt;
  return bytes;
}

UuidText::UuidText(std::span<const unsigned char> bytes) {
  assert(bytes.size() == 16);
  constexpr std::string_view kDigits = "0123456789abcdef";
  char* out = text_.data();
  for (std::size_t i = 0; i < 16; ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) *out++ = '-';
    *out++ = kDigits[bytes[i] >> 4];
    *out++ = kDigits[bytes[i] & 15];
  }
}

}  // namespace portal::store
