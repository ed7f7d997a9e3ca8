#include "crypto/key_ring.h"

#include <sodium.h>

#include <algorithm>

#include "crypto/key_file.h"

namespace portal::crypto {
namespace {

KeyedHash TagKey(const Secret& secret) {
  // The context's name is older than its use for anything but cursors: those in circulation were made with it.
  constexpr std::array<char, crypto_kdf_CONTEXTBYTES> kContext = {'c', 'u', 'r', 's', 'o', 'r'};
  static_assert(sizeof(Secret) == crypto_kdf_KEYBYTES);
  Secret derived;
  crypto_kdf_derive_from_key(derived.data(), derived.size(), 1, kContext.data(), secret.data());
  KeyedHash key(derived);
  sodium_memzero(derived.data(), derived.size());
  return key;
}

}  // namespace

base::Result<KeyRing> KeyRing::Load(const std::filesystem::path& keys_folder) {
  const auto records = ReadKeyFile(keys_folder);
  if (!records) return base::Fail(records.error());
  return KeyRing(*records);
}

KeyRing::KeyRing(std::span<const KeyRecord> records) : signing_key_id_(records.front().id) {
  keys_.reserve(records.size());
  for (const KeyRecord& record : records) {
    keys_.push_back({HmacKey(record.secret), TagKey(record.secret), record.verify_until});
  }
}

bool KeyRing::Verify(std::string_view message, const Mac& mac, base::WallTime now) const {
  return std::any_of(keys_.begin(), keys_.end(), [&](const Entry& entry) {
    return entry.IsValid(now) && Equal(entry.signatures.Sign(message), mac);
  });
}

bool KeyRing::VerifyTag(std::span<const std::string_view> parts, const KeyedHash::Tag& tag, base::WallTime now) const {
  return std::any_of(keys_.begin(), keys_.end(), [&](const Entry& entry) {
    const KeyedHash::Tag expected = entry.tags.Of(parts);
    return entry.IsValid(now) && sodium_memcmp(expected.data(), tag.data(), tag.size()) == 0;
  });
}

}  // namespace portal::crypto
