#include "crypto/token.h"

#include <cstdint>

#include "crypto/base62.h"
#include "crypto/crc32.h"
#include "crypto/random.h"

namespace portal::crypto {
namespace {

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
  std::string token = RandomId(kBearerTokenPrefix, kRandomLength);
  token += Checksum(token);
  return token;
}

bool CheckBearerTokenForm(std::string_view token) {
  constexpr std::size_t kBodyLength = kBearerTokenPrefix.size() + kRandomLength;
  if (token.size() != kBodyLength + kChecksumLength || !token.starts_with(kBearerTokenPrefix)) return false;
  const std::string_view body = token.substr(0, kBodyLength);
  if (body.find_first_not_of(kBase62, kBearerTokenPrefix.size()) != std::string_view::npos) return false;
  return token.substr(kBodyLength) == Checksum(body);
}

}  // namespace portal::crypto
