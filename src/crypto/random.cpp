#include "crypto/random.h"

#include <sodium.h>

#include <array>
#include <atomic>
#include <cassert>
#include <cstring>

#include "base/uuid_text.h"
#include "crypto/base62.h"

namespace portal::crypto {

namespace {

/// The process's own, as libsodium's generator is: what is drawn where cannot be told in advance.
struct SeededRandom {
  std::array<unsigned char, 32> key;
  std::atomic<std::uint64_t> draws{0};

  void Fill(std::span<unsigned char> out) {
    std::array<unsigned char, 32> draw_key = key;
    const std::uint64_t draw = draws.fetch_add(1, std::memory_order_relaxed);
    static_assert(sizeof(draw) <= sizeof(draw_key));
    std::memcpy(draw_key.data(), &draw, sizeof(draw));
    randombytes_buf_deterministic(out.data(), out.size(), draw_key.data());
  }
};

SeededRandom* seeded = nullptr;  // set once, before there are threads

}  // namespace

void SeedRandom(std::uint64_t seed) {
  static SeededRandom random;
  static_assert(2 * sizeof(seed) <= sizeof(random.key));
  random.key = {};
  std::memcpy(random.key.data() + sizeof(seed), &seed, sizeof(seed));  // the first bytes are the draw's
  random.draws = 0;
  seeded = &random;
}

std::uint64_t SeededRandomPosition() { return seeded->draws; }
void SetSeededRandomPosition(std::uint64_t position) { seeded->draws = position; }

void FillRandom(std::span<unsigned char> out) {
  if (seeded != nullptr) return seeded->Fill(out);
  randombytes_buf(out.data(), out.size());
}

void RandomBuffer::Fill(std::span<unsigned char> out) {
  assert(out.size() <= 64);
  if (seeded != nullptr) return seeded->Fill(out);  // whichever worker asks
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
