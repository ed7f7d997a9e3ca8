#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace portal::crypto {

/// Unpredictable bytes straight from the kernel.
void FillRandom(std::span<unsigned char> out);

/// Unpredictable bytes in small helpings, bought from the kernel 4 KiB at a time. Not thread-safe.
class RandomBuffer {
 public:
  void Fill(std::span<unsigned char> out);  ///< at most 64 bytes

 private:
  std::array<unsigned char, 4096> bytes_;
  std::size_t used_ = sizeof(bytes_);
};

/// Writes a version 4 UUID (RFC 9562 §5.4) as 36 characters.
void WriteUuid(RandomBuffer& random, char* out);

/// `prefix` and `length` base62 characters.
std::string RandomId(std::string_view prefix, std::size_t length);

}  // namespace portal::crypto
