#pragma once

#include <array>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace portal::crypto {

using Mac = std::array<unsigned char, 32>;

/// One HMAC-SHA-256 key with its inner and outer states ready (RFC 2104), so that a signature costs two
/// hash finishes and no key schedule. Thread-safe: signing copies the state.
class HmacKey {
 public:
  explicit HmacKey(std::span<const unsigned char, 32> secret);
  ~HmacKey();  ///< wipes
  HmacKey(const HmacKey&) = default;
  Mac Sign(std::string_view message) const;

 private:
  alignas(16) std::array<unsigned char, 256> state_;
};

/// Compares in constant time.
bool Equal(const Mac& a, const Mac& b);

/// The secrets of a data folder: `keys/signing.json`, mode 0600, apart from the database and its backups.
/// One key signs; retired ones still verify until their `verify_until`. Immutable, so thread-safe.
class KeyRing {
 public:
  /// Reads the file, or makes it with a fresh key where there is none. kUnavailable when it cannot be read,
  /// is readable by others, or is no key file; the detail names the file's role and the remedy.
  static base::Result<KeyRing> LoadOrCreate(const std::filesystem::path& folder, base::WallTime now);

  Mac Sign(std::string_view message) const { return keys_.front().key.Sign(message); }
  /// Tries the signing key, then every retired key that is still valid at `now`.
  bool Verify(std::string_view message, const Mac& mac, base::WallTime now) const;

  /// A key for another purpose, derived from the oldest key's secret: survives rotation of the signing key
  /// as long as that key is in the file. `purpose` is a literal of at most 8 bytes (crypto_kdf context).
  HmacKey Derive(std::string_view purpose) const;

 private:
  struct Entry {
    std::string id;
    HmacKey key;
    std::optional<base::WallTime> verify_until;
  };
  std::vector<Entry> keys_;  // the signing key first
  std::array<unsigned char, 32> root_{};
};

}  // namespace portal::crypto
