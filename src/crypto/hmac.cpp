#include "crypto/hmac.h"

#include <sodium.h>

#include <cstring>

namespace portal::crypto {

HmacKey::HmacKey(std::span<const unsigned char> secret) {
  static_assert(sizeof(crypto_auth_hmacsha256_state) <= sizeof(state_));
  crypto_auth_hmacsha256_state state;
  crypto_auth_hmacsha256_init(&state, secret.data(), secret.size());
  std::memcpy(state_.data(), &state, sizeof(state));
  sodium_memzero(&state, sizeof(state));
}

HmacKey::~HmacKey() { sodium_memzero(state_.data(), state_.size()); }

Mac HmacKey::Sign(std::string_view message) const {
  crypto_auth_hmacsha256_state state;
  std::memcpy(&state, state_.data(), sizeof(state));
  crypto_auth_hmacsha256_update(&state, reinterpret_cast<const unsigned char*>(message.data()), message.size());
  Mac mac;
  crypto_auth_hmacsha256_final(&state, mac.data());
  sodium_memzero(&state, sizeof(state));
  return mac;
}

HmacKey HmacKey::After(std::string_view prefix) const {
  crypto_auth_hmacsha256_state state;
  std::memcpy(&state, state_.data(), sizeof(state));
  crypto_auth_hmacsha256_update(&state, reinterpret_cast<const unsigned char*>(prefix.data()), prefix.size());
  HmacKey key;
  std::memcpy(key.state_.data(), &state, sizeof(state));
  sodium_memzero(&state, sizeof(state));
  return key;
}

bool Equal(const Mac& a, const Mac& b) { return sodium_memcmp(a.data(), b.data(), a.size()) == 0; }

bool Equal(std::string_view a, std::string_view b) {
  return a.size() == b.size() && sodium_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace portal::crypto
