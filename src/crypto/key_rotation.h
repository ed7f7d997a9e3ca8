#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "crypto/key_file.h"

namespace portal::crypto {

/// How many keys a data folder may have at once: each one that still verifies is tried for a signature that does not
/// match, so that their number is part of what a bad URL costs.
inline constexpr std::size_t kMaxKeys = 32;

// Changes of the keys of a key file, for `ChangeKeyFile`. Each also drops retired keys that have ended.

/// A new key signs from now on; the one that did verifies until `verify_until`. kConflict: kMaxKeys verify already.
base::Status Rotate(std::vector<KeyRecord>& keys, base::WallTime now, base::WallTime verify_until);

/// The key `id` is gone; where it was the one that signs, a new one takes its place. kNotFound names the id.
base::Status Revoke(std::vector<KeyRecord>& keys, std::string_view id, base::WallTime now);

/// All keys are gone, and a new one signs.
void RevokeAll(std::vector<KeyRecord>& keys, base::WallTime now);

}  // namespace portal::crypto
