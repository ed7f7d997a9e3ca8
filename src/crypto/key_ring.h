#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "crypto/hmac.h"
#include "crypto/keyed_hash.h"

namespace portal::crypto {

struct KeyRecord;

/// The secrets of a data folder: `signing.json` in its `keys/` (crypto/key_file.h), apart from the database
/// and its backups. One key signs; retired ones still verify until their `verify_until`. Immutable, so thread-safe.
class KeyRing {
 public:
  /// Reads `signing.json` in `keys_folder`, or makes both with a fresh key where there is none; of several
  /// processes that try at once, one makes it. kUnavailable when it cannot be read, is readable by
  /// others, or is no key file; the detail names the file's role and the remedy.
  static base::Result<KeyRing> LoadOrCreate(const std::filesystem::path& keys_folder, base::WallTime now);

  KeyRing(KeyRing&&) = default;
  KeyRing& operator=(KeyRing&&) = default;
  ~KeyRing();  ///< wipes

  const HmacKey& signing_key() const { return keys_.front().key; }
  /// Tries the signing key, then every retired key that is still valid at `now` (before its `verify_until`).
  bool Verify(std::string_view message, const Mac& mac, base::WallTime now) const;

  /// A key for another purpose, derived from the oldest key's secret: survives rotation of the signing key
  /// as long as that key is in the file. `purpose` is a literal of at most 8 bytes (crypto_kdf context).
  KeyedHash Derive(std::string_view purpose) const;

 private:
  struct Entry {
    HmacKey key;
    std::optional<base::WallTime> verify_until;
  };

  explicit KeyRing(std::span<const KeyRecord> records);

  std::vector<Entry> keys_;  // the signing key first
  Secret root_{};
};

}  // namespace portal::crypto
