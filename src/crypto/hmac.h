#pragma once

#include <array>
#include <span>
#include <string_view>

namespace portal::crypto {

using Secret = std::array<unsigned char, 32>;
using Mac = std::array<unsigned char, 32>;

/// One HMAC-SHA-256 key with its inner and outer states ready (RFC 2104), so that a signature costs two
/// hash finishes and no key schedule. Thread-safe: signing copies the state.
class HmacKey {
 public:
  /// `secret` of any length, as RFC 2104 has it; the portal's own are 32 bytes.
  explicit HmacKey(std::span<const unsigned char> secret);
  ~HmacKey();  ///< wipes
  HmacKey(const HmacKey&) = default;
  HmacKey& operator=(const HmacKey&) = default;
  Mac Sign(std::string_view message) const;

  /// The key for messages that all begin with `prefix`, which then is hashed but once:
  /// `After(p).Sign(m)` is `Sign(p + m)`.
  HmacKey After(std::string_view prefix) const;

 private:
  HmacKey() = default;

  alignas(16) std::array<unsigned char, 256> state_{};
};

/// Compare in constant time; texts of different sizes at once.
bool Equal(const Mac& a, const Mac& b);
bool Equal(std::string_view a, std::string_view b);

}  // namespace portal::crypto
