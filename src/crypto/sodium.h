#pragma once

namespace portal::crypto {

/// Prepares libsodium. Call once, first thing in `main`; aborts the program when the machine has no
/// source of randomness. Everything else in this folder needs it.
void Initialize();

}  // namespace portal::crypto
