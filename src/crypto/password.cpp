#include "crypto/password.h"

#include <sodium.h>

#include <array>

namespace portal::crypto {
namespace {

constexpr unsigned long long kPasses = 3;
constexpr std::size_t kMemoryBytes = std::size_t{64} << 20;

}  // namespace

base::Result<std::string> HashPassword(std::string_view password) {
  std::array<char, crypto_pwhash_STRBYTES> text{};
  if (crypto_pwhash_str_alg(text.data(), password.data(), password.size(), kPasses, kMemoryBytes,
                            crypto_pwhash_ALG_ARGON2ID13) != 0) {
    return base::Fail(base::ErrorCode::kUnavailable, "There is no memory to hash a password with; try again");
  }
  return std::string(text.data());
}

bool VerifyPassword(const std::string& kept, std::string_view password) {
  return crypto_pwhash_str_verify(kept.c_str(), password.data(), password.size()) == 0;
}

bool RefusePassword(std::string_view password) {
  static_cast<void>(HashPassword(password));
  return false;
}

}  // namespace portal::crypto
