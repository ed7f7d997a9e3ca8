#include "crypto/sodium.h"

#include <sodium.h>

#include <cstdlib>

namespace portal::crypto {

void Initialize() {
  if (sodium_init() < 0) std::abort();
}

}  // namespace portal::crypto
