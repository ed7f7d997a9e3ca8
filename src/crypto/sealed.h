#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace portal::crypto {

/// Encrypts secrets that leave the data folder, such as the signing keys in a backup, so that only the passphrase
/// opens them. The result is binary and carries all that opening needs but the passphrase:
///
///     14 bytes  "portal-sealed\n"
///      3 bytes  version (1), Argon2id passes, Argon2id memory as a power of two of bytes
///     16 bytes  salt
///     24 bytes  header of the stream
///     the rest  XChaCha20-Poly1305 secretstream of libsodium: chunks of 64 KiB and 17 bytes of tag, the last one of
///               them marked as such; all of the above but the stream's header is authenticated with each
///
/// The key comes from Argon2id 1.3 (RFC 9106) at libsodium's MODERATE cost: 3 passes over 256 MiB, most of a second.
/// kValidation: the passphrase is empty. kUnavailable: the machine does not have that much memory.
base::Result<std::string> Seal(std::string_view plaintext, std::string_view passphrase);

/// The plaintext of `sealed`. kValidation, without saying which, when the passphrase is wrong or anything of it is
/// damaged, missing or added, or when it is of a newer form. What it asks of the machine is bounded before it is
/// believed: at most 16 passes over at most 1 GiB. kUnavailable: the machine does not have that much memory.
base::Result<std::string> Unseal(std::string_view sealed, std::string_view passphrase);

}  // namespace portal::crypto
