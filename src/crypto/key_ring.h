#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "crypto/hmac.h"
#include "crypto/keyed_hash.h"

namespace portal::crypto {

struct KeyRecord;

/// The secrets of a data folder as of one state of its key file (crypto/key_file.h), apart from the database and its
/// backups. One key signs; retired ones still verify until their `verify_until`. Immutable, so thread-safe.
class KeyRing {
 public:
  /// As ReadKeyFile.
  static base::Result<KeyRing> Load(const std::filesystem::path& keys_folder);

  KeyRing(KeyRing&&) = default;
  KeyRing& operator=(KeyRing&&) = default;

  const HmacKey& signing_key() const { return keys_.front().signatures; }
  const std::string& signing_key_id() const { return signing_key_id_; }
  std::size_t size() const { return keys_.size(); }
  /// Tries the signing key, then every retired key that is still valid at `now` (before its `verify_until`).
  bool Verify(std::string_view message, const Mac& mac, base::WallTime now) const;

  /// Of `parts`, for what only this portal reads again: by a key of its own that is derived from the signing one, and
  /// ends with it.
  KeyedHash::Tag Tag(std::span<const std::string_view> parts) const { return keys_.front().tags.Of(parts); }
  /// As Verify.
  bool VerifyTag(std::span<const std::string_view> parts, const KeyedHash::Tag& tag, base::WallTime now) const;

 private:
  struct Entry {
    HmacKey signatures;
    KeyedHash tags;
    std::optional<base::WallTime> verify_until;
    bool IsValid(base::WallTime now) const { return !verify_until || now < *verify_until; }
  };

  explicit KeyRing(std::span<const KeyRecord> records);

  std::string signing_key_id_;
  std::vector<Entry> keys_;  // the signing key first
};

}  // namespace portal::crypto
