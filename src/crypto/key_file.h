#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "crypto/hmac.h"

namespace portal::crypto {

/// One key of `signing.json`.
struct KeyRecord {
  std::string id;  ///< `key_…`, for people who rotate keys
  Secret secret{};
  base::WallTime created_at;
  std::optional<base::WallTime> verify_until;  ///< absent: the key that signs
};

/// Reads `signing.json` in `keys_folder`, or makes folder (0700) and file (0600) with one fresh key:
///
///     {"version": 1,
///      "keys": [{"id": "key_9tQ…", "secret": "<64 hex digits>", "created_at": "2025-09-01T10:15:00.000Z"},
///               {"id": "key_4mZ…", "secret": "…", "created_at": "…", "verify_until": "2025-09-02T10:30:00.000Z"}]}
///
/// Newest first. The first key signs and has no `verify_until`; each other one is retired and has one. The
/// last is also the root of derived keys. The new file is written beside its name, synced and renamed under
/// a lock on the folder, so that it is whole or not there and processes that start together agree on it.
/// kUnavailable, with the remedy, when the file belongs to another user, can be read by group or others,
/// cannot be read or made, or is not of this form.
base::Result<std::vector<KeyRecord>> ReadOrCreateKeyFile(const std::filesystem::path& keys_folder, base::WallTime now);

}  // namespace portal::crypto
