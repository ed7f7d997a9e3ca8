#include "crypto/keyed_hash.h"

#include <sodium.h>

#include <cstdint>
#include <cstring>

namespace portal::crypto {

KeyedHash::KeyedHash(const Secret& secret) {
  static_assert(sizeof(crypto_generichash_state) <= sizeof(state_));
  crypto_generichash_state state;
  crypto_generichash_init(&state, secret.data(), secret.size(), std::tuple_size_v<Tag>);
  std::memcpy(state_.data(), &state, sizeof(state));
  sodium_memzero(&state, sizeof(state));
}

KeyedHash::~KeyedHash() { sodium_memzero(state_.data(), state_.size()); }

KeyedHash::Tag KeyedHash::Of(std::span<const std::string_view> parts) const {
  crypto_generichash_state state;
  std::memcpy(&state, state_.data(), sizeof(state));
  for (const std::string_view part : parts) {
    const std::uint64_t size = part.size();
    crypto_generichash_update(&state, reinterpret_cast<const unsigned char*>(&size), sizeof(size));
    crypto_generichash_update(&state, reinterpret_cast<const unsigned char*>(part.data()), part.size());
  }
  Tag tag;
  crypto_generichash_final(&state, tag.data(), tag.size());
  sodium_memzero(&state, sizeof(state));
  return tag;
}

}  // namespace portal::crypto
