#pragma once

#include <openssl/types.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <span>

#include "base/clock.h"
#include "base/mutex.h"

namespace portal::net {

/// The keys that seal session tickets (RFC 5077, RFC 8446 §4.6.1), so that a client that comes back is spared the
/// costly half of a handshake and the server remembers nothing. Kept in memory only: a restart forgets them, and
/// clients make a full handshake. Shared by all event loops, and kept when the certificate is replaced. Thread-safe.
///
/// Whoever steals a key can read the TLS 1.2 connections that its tickets resumed; so a key seals for an hour, and
/// opens for as long as a ticket of its last minute lives: three hours in all. Rotating more often would shorten the
/// second part only, which is the ticket's life.
class TlsTicketKeys {
 public:
  static constexpr std::chrono::hours kRotation{1};
  static constexpr std::chrono::hours kTicketLifetime{2};

  static constexpr std::size_t kNameBytes = 16;
  static constexpr std::size_t kIvBytes = 16;

  /// What OpenSSL's callback is to answer (SSL_CTX_set_tlsext_ticket_key_evp_cb(3)).
  enum class Verdict : std::int8_t {
    kFailed = -1,
    kUnknown = 0,    ///< opening: no such key, or its time is over; a full handshake follows
    kUsed = 1,       ///< the contexts are ready
    kUsedRenew = 2,  ///< opening: they are, and the client is to get a ticket of the newest key
  };

  /// `clock` is borrowed and must outlive this.
  explicit TlsTicketKeys(const base::Clock& clock) : clock_(clock) {}
  ~TlsTicketKeys();
  TlsTicketKeys(const TlsTicketKeys&) = delete;
  TlsTicketKeys& operator=(const TlsTicketKeys&) = delete;

  /// Prepares both contexts for a new ticket and fills in the key's name and the IV. `aes` is AES-256-CBC.
  Verdict Seal(std::span<unsigned char, kNameBytes> name, std::span<unsigned char, kIvBytes> iv, const EVP_CIPHER* aes,
               EVP_CIPHER_CTX* cipher, EVP_MAC_CTX* mac);

  /// Prepares both contexts for a ticket that says it was sealed with the key of that name.
  Verdict Open(std::span<const unsigned char, kNameBytes> name, std::span<const unsigned char, kIvBytes> iv,
               const EVP_CIPHER* aes, EVP_CIPHER_CTX* cipher, EVP_MAC_CTX* mac);

 private:
  struct Key {
    Key();
    ~Key();
    Key(const Key&) = default;
    Key& operator=(const Key&) = default;

    std::array<unsigned char, kNameBytes> name;
    std::array<unsigned char, 32> cipher_secret;
    std::array<unsigned char, 32> mac_secret;
  };
  struct Dated {
    Key key;
    base::MonotonicTime born;
  };
  struct Found {
    Key key;
    bool is_newest;
  };

  Key Newest();
  std::optional<Found> Find(std::span<const unsigned char, kNameBytes> name);
  void DropOld(base::MonotonicTime now) REQUIRES(mu_);

  const base::Clock& clock_;
  base::Mutex mu_;
  std::deque<Dated> keys_ GUARDED_BY(mu_);  // the newest first
};

}  // namespace portal::net
