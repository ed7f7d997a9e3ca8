#include "crypto/base64url.h"

#include <sodium.h>

#include <cstdint>

namespace portal::crypto {

std::string ToBase64Url(std::span<const unsigned char> bytes) {
  constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::string text((bytes.size() * 4 + 2) / 3, '\0');
  std::uint32_t bits = 0;  // the lowest `waiting` of them are yet to be written
  unsigned waiting = 0;
  auto out = text.begin();
  for (const unsigned char byte : bytes) {
    bits = bits << 8 | byte;
    for (waiting += 8; waiting >= 6;) {
      waiting -= 6;
      *out++ = kDigits[bits >> waiting & 63];
    }
  }
  if (waiting > 0) *out++ = kDigits[bits << (6 - waiting) & 63];
  return text;
}

std::string ToBase64(std::span<const unsigned char> bytes) {
  constexpr int kVariant = sodium_base64_VARIANT_ORIGINAL;
  std::string text(sodium_base64_encoded_len(bytes.size(), kVariant), '\0');
  sodium_bin2base64(text.data(), text.size(), bytes.data(), bytes.size(), kVariant);
  text.pop_back();  // its terminating zero
  return text;
}

std::optional<std::string> FromBase64Url(std::string_view text) {
  std::string bytes(text.size() / 4 * 3 + 3, '\0');
  std::size_t size = 0;
  const char* end = nullptr;
  const int failed = sodium_base642bin(reinterpret_cast<unsigned char*>(bytes.data()), bytes.size(), text.data(),
                                       text.size(), nullptr, &size, &end, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
  if (failed != 0 || end != text.data() + text.size()) return std::nullopt;
  bytes.resize(size);
  return bytes;
}

}  // namespace portal::crypto
