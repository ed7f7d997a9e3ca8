#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace portal::crypto {

/// Unpredictable bytes straight from the kernel; or, in a process that SeedRandom was called in, those of its seed.
void FillRandom(std::span<unsigned char> out);

/// For test mode alone: from here on all that is drawn in this process, RandomBuffer's included, follows from `seed`
/// and the order of the draws. Everybody who knows the seed knows the keys and tokens. Call before anything is drawn.
void SeedRandom(std::uint64_t seed);

/// How often has been drawn since SeedRandom, and the way back there: the same draws come again. Thread-safe.
/// REQUIRES: SeedRandom was called.
std::uint64_t SeededRandomPosition();
void SetSeededRandomPosition(std::uint64_t position);

/// Unpredictable bytes in small helpings, for the ids of every request: ChaCha20 in the process, whose key
/// comes from the kernel once and is replaced by the generator's own output at every refill, so that what
/// was given out cannot be computed again. Not thread-safe.
class RandomBuffer {
 public:
  RandomBuffer() { FillRandom(key_); }
  void Fill(std::span<unsigned char> out);  ///< at most 64 bytes

 private:
  std::array<unsigned char, 32> key_;
  std::array<unsigned char, 4096> bytes_;
  std::size_t used_ = sizeof(bytes_);
};

/// Writes a version 4 UUID (RFC 9562 §5.4) as 36 characters.
void WriteUuid(RandomBuffer& random, char* out);

/// `prefix` and `length` base62 characters.
std::string RandomId(std::string_view prefix, std::size_t length);

}  // namespace portal::crypto
