#include "service/demo/demo_random.h"

#include <array>

#include "base/hex.h"
#include "crypto/base62.h"

namespace portal::service {

std::string DemoId(std::string_view prefix, DemoRandom& random) {
  std::string id(prefix);
  for (int i = 0; i < 12; ++i) id += random.Pick(crypto::kBase62);
  return id;
}

std::string DemoUuid(DemoRandom& random) {
  std::array<unsigned char, 16> bytes;
  for (unsigned char& byte : bytes) byte = static_cast<unsigned char>(random.Below(256));
  bytes[6] = static_cast<unsigned char>((bytes[6] & 0x0F) | 0x40);
  bytes[8] = static_cast<unsigned char>((bytes[8] & 0x3F) | 0x80);
  std::string uuid = base::ToHex(bytes);
  for (const std::size_t dash : {8, 13, 18, 23}) uuid.insert(dash, 1, '-');
  return uuid;
}

}  // namespace portal::service
