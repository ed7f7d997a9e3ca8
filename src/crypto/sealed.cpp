#include "crypto/sealed.h"

#include <sodium.h>

#include <algorithm>
#include <array>
#include <bit>

#include "crypto/random.h"

namespace portal::crypto {
namespace {

using base::ErrorCode;
using base::Fail;

constexpr std::string_view kMagic = "portal-sealed\n";
constexpr std::size_t kVersionAt = kMagic.size();
constexpr std::size_t kPassesAt = kVersionAt + 1;
constexpr std::size_t kMemoryAt = kPassesAt + 1;
constexpr std::size_t kSaltAt = kMemoryAt + 1;
constexpr std::size_t kStreamHeaderAt = kSaltAt + crypto_pwhash_SALTBYTES;
constexpr std::size_t kStreamAt = kStreamHeaderAt + crypto_secretstream_xchacha20poly1305_HEADERBYTES;
constexpr std::size_t kTagBytes = crypto_secretstream_xchacha20poly1305_ABYTES;
constexpr std::size_t kChunkBytes = 64 * 1024;

constexpr unsigned char kVersion = 1;
constexpr unsigned kMaxPasses = 16;
constexpr unsigned kMinMemoryBits = 13;  // Argon2's own least
constexpr unsigned kMaxMemoryBits = 30;
static_assert(std::has_single_bit(crypto_pwhash_MEMLIMIT_MODERATE));

unsigned char* Bytes(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }
const unsigned char* Bytes(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

/// A key for one sealed text; wiped when it goes.
class Key {
 public:
  ~Key() { sodium_memzero(bytes_.data(), bytes_.size()); }

  /// `header` is what precedes the stream. False: not enough memory.
  bool Derive(std::string_view passphrase, std::string_view header) {
    const auto passes = static_cast<unsigned char>(header[kPassesAt]);
    const std::size_t memory_bytes = std::size_t{1} << static_cast<unsigned char>(header[kMemoryAt]);
    return crypto_pwhash(bytes_.data(), bytes_.size(), passphrase.data(), passphrase.size(), Bytes(header) + kSaltAt,
                         passes, memory_bytes, crypto_pwhash_ALG_ARGON2ID13) == 0;
  }
  const unsigned char* data() const { return bytes_.data(); }

 private:
  std::array<unsigned char, crypto_secretstream_xchacha20poly1305_KEYBYTES> bytes_{};
};

/// The state of a stream holds its key.
struct Stream {
  crypto_secretstream_xchacha20poly1305_state state{};
  ~Stream() { sodium_memzero(&state, sizeof(state)); }
};

auto CannotOpen() {
  return Fail(ErrorCode::kValidation,
              "The sealed text cannot be opened: the passphrase is wrong, or the text is damaged");
}

auto NotEnoughMemory(std::string_view header) {
  const std::size_t mebibytes = (std::size_t{1} << static_cast<unsigned char>(header[kMemoryAt])) >> 20;
  return Fail(ErrorCode::kUnavailable, "There is not enough memory to turn the passphrase into a key: " +
                                           std::to_string(mebibytes) + " MiB are needed for a moment");
}

base::Status CheckHeader(std::string_view sealed) {
  if (sealed.size() < kStreamAt || !sealed.starts_with(kMagic)) return CannotOpen();
  if (sealed[kVersionAt] != kVersion) {
    return Fail(ErrorCode::kValidation, "The sealed text cannot be opened: it is damaged, or of a newer form (" +
                                            std::to_string(static_cast<unsigned char>(sealed[kVersionAt])) +
                                            ") than this version of the portal knows (1)");
  }
  const unsigned passes = static_cast<unsigned char>(sealed[kPassesAt]);
  const unsigned memory_bits = static_cast<unsigned char>(sealed[kMemoryAt]);
  const bool bounded =
      passes >= 1 && passes <= kMaxPasses && memory_bits >= kMinMemoryBits && memory_bits <= kMaxMemoryBits;
  if (!bounded) return CannotOpen();
  return {};
}

}  // namespace

base::Result<std::string> Seal(std::string_view plaintext, std::string_view passphrase) {
  if (passphrase.empty()) return Fail(ErrorCode::kValidation, "The passphrase must not be empty");
  std::string sealed(kMagic);
  sealed += static_cast<char>(kVersion);
  sealed += static_cast<char>(crypto_pwhash_OPSLIMIT_MODERATE);
  sealed += static_cast<char>(std::countr_zero(std::size_t{crypto_pwhash_MEMLIMIT_MODERATE}));
  sealed.resize(kStreamAt);
  FillRandom({Bytes(sealed) + kSaltAt, crypto_pwhash_SALTBYTES});
  Key key;
  if (!key.Derive(passphrase, sealed)) return NotEnoughMemory(sealed);

  Stream stream;
  crypto_secretstream_xchacha20poly1305_init_push(&stream.state, Bytes(sealed) + kStreamHeaderAt, key.data());
  bool last = false;
  while (!last) {
    const std::string_view chunk = plaintext.substr(0, kChunkBytes);
    plaintext.remove_prefix(chunk.size());
    last = plaintext.empty();
    const std::size_t at = sealed.size();
    sealed.resize(at + chunk.size() + kTagBytes);
    crypto_secretstream_xchacha20poly1305_push(
        &stream.state, Bytes(sealed) + at, nullptr, Bytes(chunk), chunk.size(), Bytes(sealed), kStreamHeaderAt,
        last ? crypto_secretstream_xchacha20poly1305_TAG_FINAL : crypto_secretstream_xchacha20poly1305_TAG_MESSAGE);
  }
  return sealed;
}

base::Result<std::string> Unseal(std::string_view sealed, std::string_view passphrase) {
  if (auto known = CheckHeader(sealed); !known) return Fail(std::move(known).error());
  Key key;
  if (!key.Derive(passphrase, sealed)) return NotEnoughMemory(sealed);
  Stream stream;
  if (crypto_secretstream_xchacha20poly1305_init_pull(&stream.state, Bytes(sealed) + kStreamHeaderAt, key.data()) !=
      0) {
    return CannotOpen();
  }
  std::string plaintext;
  plaintext.reserve(sealed.size() - kStreamAt);
  std::string_view rest = sealed.substr(kStreamAt);
  unsigned char tag = 0;
  while (tag != crypto_secretstream_xchacha20poly1305_TAG_FINAL) {
    const std::string_view chunk = rest.substr(0, kChunkBytes + kTagBytes);
    if (chunk.size() < kTagBytes) return CannotOpen();
    rest.remove_prefix(chunk.size());
    const std::size_t at = plaintext.size();
    plaintext.resize(at + chunk.size() - kTagBytes);
    if (crypto_secretstream_xchacha20poly1305_pull(&stream.state, Bytes(plaintext) + at, nullptr, &tag, Bytes(chunk),
                                                   chunk.size(), Bytes(sealed), kStreamHeaderAt) != 0) {
      return CannotOpen();
    }
  }
  if (!rest.empty()) return CannotOpen();
  return plaintext;
}

}  // namespace portal::crypto
