#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "net/tls_pointers.h"

namespace portal::net {

/// A certificate chain and its private key, as an operator hands them over: `tls.cert` and `tls.key`.
struct TlsCertificate {
  TlsPointer<X509> leaf;
  std::vector<TlsPointer<X509>> chain;  ///< what clients need between the leaf and a root they know
  TlsPointer<EVP_PKEY> key;

  /// Reads two PEM files. Errors name the option, the file, what is wrong with it and what to do; `kValidation`.
  static base::Result<TlsCertificate> Read(const std::filesystem::path& cert, const std::filesystem::path& key);

  /// The same pair as part of another OpenSSL library; null members without memory.
  TlsCertificate CopyInto(OSSL_LIB_CTX* library) const;

  base::WallTime NotBefore() const;
  base::WallTime NotAfter() const;
  /// The first host name or address it is for (RFC 5280 §4.2.1.6), else its subject's common name, else all
  /// of its subject.
  std::string Name() const;
};

}  // namespace portal::net
