#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace portal::crypto {

// Argon2id (RFC 9106) over 64 MiB in three passes: about 65 ms of one core, so that whoever has the hash
// cannot try many passwords, and whoever has none cannot ask for many tries at once. Callers bound how many run.

/// What to keep of a password: algorithm, cost, a salt of its own and the hash, as one line of ASCII. kUnavailable
/// where there is no memory.
base::Result<std::string> HashPassword(std::string_view password);

/// Whether `kept` is what HashPassword made of that password, in constant time. kUnavailable: there is no memory to
/// find out.
base::Result<bool> VerifyPassword(const std::string& kept, std::string_view password);

/// Takes as long as VerifyPassword, needs as much memory and is never true: for those who must not learn that there is
/// no password.
base::Result<bool> RefusePassword(std::string_view password);

}  // namespace portal::crypto
