#include "net/tls_libraries.h"

#include <openssl/crypto.h>

#include <new>

namespace portal::net {

TlsLibraries::TlsLibraries(std::size_t loops) {
  for (std::size_t i = 0; i < loops; ++i) {
    libraries_.emplace_back(OSSL_LIB_CTX_new());
    if (!libraries_.back()) throw std::bad_alloc();
  }
}

}  // namespace portal::net
