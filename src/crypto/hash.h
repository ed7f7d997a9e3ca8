#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

struct evp_md_st;

namespace portal::crypto {

using Sha256Digest = std::array<unsigned char, 32>;

/// Of a stream, with the processor's SHA instructions where it has them (OpenSSL; libsodium's portable
/// code is about six times slower on large blobs).
class Sha256Stream {
 public:
  Sha256Stream();
  ~Sha256Stream();
  void Update(std::span<const std::byte> bytes);
  Sha256Digest Finish();  ///< and ready for the next stream

 private:
  void Restart(const evp_md_st* algorithm);

  struct Context;
  std::unique_ptr<Context> context_;
};

/// Of a short text, such as a bearer token.
Sha256Digest Sha256(std::string_view text);

/// A 128-bit BLAKE2b of `parts`, length-prefixed so that no two lists of parts collide. For ETags.
std::array<unsigned char, 16> Fingerprint(std::span<const std::string_view> parts);

}  // namespace portal::crypto
