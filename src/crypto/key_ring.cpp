#include "crypto/key_ring.h"

#include <sodium.h>

#include <algorithm>
#include <cassert>

#include "crypto/key_file.h"

namespace portal::crypto {

base::Result<KeyRing> KeyRing::LoadOrCreate(const std::filesystem::path& keys_folder, base::WallTime now) {
  auto records = ReadOrCreateKeyFile(keys_folder, now);
  if (!records) return base::Fail(std::move(records).error());
  KeyRing ring(*records);
  for (KeyRecord& record : *records) sodium_memzero(record.secret.data(), record.secret.size());
  return ring;
}

KeyRing::KeyRing(std::span<const KeyRecord> records) : root_(records.back().secret) {
  keys_.reserve(records.size());
  for (const KeyRecord& record : records) keys_.push_back({HmacKey(record.secret), record.verify_until});
}

KeyRing::~KeyRing() { sodium_memzero(root_.data(), root_.size()); }

bool KeyRing::Verify(std::string_view message, const Mac& mac, base::WallTime now) const {
  return std::any_of(keys_.begin(), keys_.end(), [&](const Entry& entry) {
    return (!entry.verify_until || now < *entry.verify_until) && Equal(entry.key.Sign(message), mac);
  });
}

KeyedHash KeyRing::Derive(std::string_view purpose) const {
  assert(purpose.size() <= crypto_kdf_CONTEXTBYTES);
  static_assert(sizeof(Secret) == crypto_kdf_KEYBYTES);
  std::array<char, crypto_kdf_CONTEXTBYTES> context{};
  std::copy(purpose.begin(), purpose.end(), context.begin());
  Secret derived;
  crypto_kdf_derive_from_key(derived.data(), derived.size(), 1, context.data(), root_.data());
  KeyedHash key(derived);
  sodium_memzero(derived.data(), derived.size());
  return key;
}

}  // namespace portal::crypto
