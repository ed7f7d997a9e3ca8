#pragma once

#include <openssl/types.h>

#include <cstddef>
#include <vector>

#include "net/tls_pointers.h"

namespace portal::net {

/// OpenSSL, once for each event loop. Every handshake visits the library's tables dozens of times, and each visit
/// takes a lock and counts a reference; event loops that share the tables wait for each other's processor: two of
/// them spent a tenth more on every handshake (152 and 139 µs a full one, 123 and 107 µs a resumed one).
///
/// Kept while certificates come and go, and must outlive the threads of the loops: OpenSSL notes in here what it has
/// to tidy up when a thread ends. Immutable, thread-safe.
class TlsLibraries {
 public:
  /// Throws std::bad_alloc.
  explicit TlsLibraries(std::size_t loops);

  std::size_t size() const { return libraries_.size(); }
  OSSL_LIB_CTX* ForLoop(std::size_t loop) const { return libraries_.at(loop).get(); }

 private:
  std::vector<TlsPointer<OSSL_LIB_CTX>> libraries_;
};

}  // namespace portal::net
