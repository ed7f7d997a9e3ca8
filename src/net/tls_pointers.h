#pragma once

#include <openssl/types.h>

#include <memory>

// Owners of what OpenSSL hands out, without its large headers.
namespace portal::net {

struct TlsFree {
  void operator()(BIO* bio) const;
  void operator()(EVP_CIPHER* cipher) const;
  void operator()(EVP_PKEY* key) const;
  void operator()(OSSL_LIB_CTX* library) const;
  void operator()(SSL* ssl) const;
  void operator()(SSL_CTX* context) const;
  void operator()(X509* certificate) const;
};

template <typename T>
using TlsPointer = std::unique_ptr<T, TlsFree>;

}  // namespace portal::net
