#pragma once

#include <openssl/types.h>

#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "net/tls_certificate.h"
#include "net/tls_libraries.h"
#include "net/tls_ticket_keys.h"

namespace portal::net {

/// What every TLS connection of the portal shares: one certificate and the rules of RFC 9325. TLS 1.2 and 1.3;
/// forward secrecy and authenticated encryption only; ALPN `http/1.1`; no renegotiation, compression, early data or
/// session cache. Immutable, thread-safe. A new certificate is a new context; connections keep the one they began with.
class TlsContext {
 public:
  /// Reads a PEM chain and its PEM key, for as many event loops as there are libraries: nothing that OpenSSL counts
  /// or locks is shared between them. Errors name `tls.cert` or `tls.key`, the file, what is wrong and the remedy.
  /// `clock` is used during the call only.
  static base::Result<std::shared_ptr<const TlsContext>> Load(const std::filesystem::path& cert,
                                                              const std::filesystem::path& key,
                                                              std::shared_ptr<const TlsLibraries> libraries,
                                                              std::shared_ptr<TlsTicketKeys> ticket_keys,
                                                              const base::Clock& clock);

  /// Whom the certificate is for.
  const std::string& name() const { return name_; }
  /// When it ends.
  base::WallTime not_after() const { return not_after_; }
  /// One line for the log: whom the certificate is for, and until when.
  const std::string& description() const { return description_; }
  /// Something clients will refuse but the portal can run with, as of when it was loaded: a certificate whose time is
  /// over or has not come.
  const std::optional<std::string>& warning() const { return warning_; }

  /// A server's side of a new connection. Called by that loop's thread only. Null without memory.
  TlsPointer<SSL> NewConnection(std::size_t loop) const;

 private:
  /// What one event loop's connections share.
  struct Loop {
    TlsTicketKeys* ticket_keys;
    TlsPointer<EVP_CIPHER> ticket_cipher;
    TlsPointer<SSL_CTX> context;
  };

  TlsContext(std::shared_ptr<const TlsLibraries> libraries, std::shared_ptr<TlsTicketKeys> ticket_keys);

  base::Status AddLoop(OSSL_LIB_CTX* library, const TlsCertificate& original, const std::filesystem::path& cert);
  void Describe(const TlsCertificate& certificate, const std::filesystem::path& cert, const base::Clock& clock);

  static int OnTicket(SSL* ssl, unsigned char* name, unsigned char* iv, EVP_CIPHER_CTX* cipher, EVP_MAC_CTX* mac,
                      int sealing);

  std::shared_ptr<const TlsLibraries> libraries_;
  std::shared_ptr<TlsTicketKeys> ticket_keys_;
  std::vector<Loop> loops_;  // never grows after Load: their addresses are with OpenSSL
  std::string name_;
  base::WallTime not_after_{};
  std::string description_;
  std::optional<std::string> warning_;
};

}  // namespace portal::net
