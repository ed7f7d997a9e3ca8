#include "crypto/random.h"

#include <sodium.h>

#include <cassert>
#include <cstring>

#include "base/uuid_text.h"
#include "crypto/base62.h"

namespace portal::crypto {

void FillRandom(std::span<unsigned char> out) { randombytes_buf(out.data(), out.size()); }

void RandomBuffer::Fill(std::span<unsigned char> out) {
  assert(out.size() <= 64);
  if (sizeof(bytes_) - used_ < out.size()) {
    static_assert(sizeof(key_) == randombytes_SEEDBYTES);
    randombytes_buf_deterministic(bytes_.data(), bytes_.size(), key_.data());
    std::memcpy(key_.data(), bytes_.data(), key_.size());
    used_ = key_.size();
  }
  std::memcpy(out.data(), bytes_.data() + used_, out.size());
  used_ += out.size();
}

void WriteUuid(RandomBuffer& random, char* out) {
  std::array<unsigned char, 16> bytes;
  random.Fill(bytes);
  bytes[6] = static_cast<unsigned char>((bytes[6] & 0x0F) | 0x40);
  bytes[8] = static_cast<unsigned char>((bytes[8] & 0x3F) | 0x80);
  base::WriteUuidText(bytes, out);
}

std::string RandomId(std::string_view prefix, std::size_t length) {
  std::string id(prefix);
  id.reserve(prefix.size() + length);
  std::array<unsigned char, 64> bytes;
  for (std::size_t next = bytes.size(); id.size() < prefix.size() + length;) {
    if (next == bytes.size()) {
      FillRandom(bytes);
      next = 0;
    }
    // Six bits, thrown again when they are 62 or 63, so that every character is equally likely.
    const std::size_t value = bytes[next++] & 0x3F;
    if (value < kBase62.size()) id += kBase62[value];
  }
  sodium_memzero(bytes.data(), bytes.size());
  return id;
}

}  // namespace portal::crypto
