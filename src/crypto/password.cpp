#include "crypto/password.h"

#include <sodium.h>

#include <array>
#include <cstdio>
#include <cstring>
#include <optional>
#include <span>
#include <utility>

namespace portal::crypto {
namespace {

constexpr unsigned long long kPasses = 3;
constexpr std::size_t kMemoryBytes = std::size_t{64} << 20;

constexpr std::size_t kHashBytes = 32;  // as crypto_pwhash_str makes them

auto NoMemory() {
  return base::Fail(base::ErrorCode::kUnavailable, "There is no memory to hash a password with; try again");
}

/// What crypto_pwhash_str has put into a line.
struct Kept {
  unsigned long long passes = 0;
  std::size_t memory_bytes = 0;
  std::array<unsigned char, crypto_pwhash_SALTBYTES> salt{};
  std::array<unsigned char, kHashBytes> hash{};
};

/// Fills `bytes` from the base64 that `at` points to, and moves it behind that.
bool ReadBase64(const char*& at, std::span<unsigned char> bytes) {
  std::size_t size = 0;
  const int read = sodium_base642bin(bytes.data(), bytes.size(), at, std::strlen(at), nullptr, &size, &at,
                                     sodium_base64_VARIANT_ORIGINAL_NO_PADDING);
  return read == 0 && size == bytes.size();
}

/// nullopt: HashPassword has not made it.
std::optional<Kept> Parse(const std::string& text) {
  unsigned int memory_kib = 0;
  unsigned int passes = 0;
  int read = 0;
  if (std::sscanf(text.c_str(), "$argon2id$v=19$m=%u,t=%u,p=1$%n", &memory_kib, &passes, &read) != 2 || read == 0) {
    return std::nullopt;
  }
  Kept kept{.passes = passes, .memory_bytes = std::size_t{memory_kib} * 1024};
  const char* at = text.c_str() + read;
  const bool whole = ReadBase64(at, kept.salt) && *at++ == '$' && ReadBase64(at, kept.hash) && *at == '\0';
  return whole ? std::optional(kept) : std::nullopt;
}

}  // namespace

base::Result<std::string> HashPassword(std::string_view password) {
  std::array<char, crypto_pwhash_STRBYTES> text{};
  if (crypto_pwhash_str_alg(text.data(), password.data(), password.size(), kPasses, kMemoryBytes,
                            crypto_pwhash_ALG_ARGON2ID13) != 0) {
    return NoMemory();
  }
  return std::string(text.data());
}

// Not crypto_pwhash_str_verify: it says of a password that there was no memory to try that it is wrong.
base::Result<bool> VerifyPassword(const std::string& text, std::string_view password) {
  const auto kept = Parse(text);
  if (!kept) return false;
  std::array<unsigned char, kHashBytes> hash{};
  if (crypto_pwhash(hash.data(), hash.size(), password.data(), password.size(), kept->salt.data(), kept->passes,
                    kept->memory_bytes, crypto_pwhash_ALG_ARGON2ID13) != 0) {
    return NoMemory();
  }
  return sodium_memcmp(hash.data(), kept->hash.data(), hash.size()) == 0;
}

base::Result<bool> RefusePassword(std::string_view password) {
  if (auto hash = HashPassword(password); !hash) return base::Fail(std::move(hash).error());
  return false;
}

}  // namespace portal::crypto
