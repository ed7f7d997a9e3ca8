#include "crypto/token.h"

#include <cstdint>

#include "crypto/base62.h"
#include "crypto/crc32.h"
#include "crypto/random.h"

namespace portal::crypto {
namespace {

constexpr std::string_view kPrefix = "portal_";
constexpr std::size_t kRandomLength = 43;
constexpr std::size_t kChecksumLength = 6;

std::string Checksum(std::string_view body) {
  std::string digits(kChecksumLength, '0');
  std::uint32_t rest = Crc32(body);
  for (std::size_t i = kChecksumLength; i-- > 0; rest /= 62) digits[i] = kBase62[rest % 62];
  return digits;
}

}  // namespace

std::string NewBearerToken() {
  std::string token = RandomId(kPrefix, kRandomLength);
  token += Checksum(token);
  return token;
}

}  // namespace portal::crypto
