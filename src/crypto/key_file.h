#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/function_ref.h"
#include "base/result.h"
#include "crypto/hmac.h"

namespace portal::crypto {

/// One key of `signing.json`.
struct KeyRecord {
  std::string id;  ///< `key_…`, for people who rotate keys
  Secret secret{};
  base::WallTime created_at;
  std::optional<base::WallTime> verify_until;  ///< absent: the key that signs

  ~KeyRecord();  ///< wipes
};

inline constexpr const char* kKeyFileName = "signing.json";

// The file of a data folder's keys, in its `keys/`:
//
//     {"version": 1,
//      "keys": [{"id": "key_9tQ…", "secret": "<64 hex digits>", "created_at": "2025-09-01T10:15:00.000Z"},
//               {"id": "key_4mZ…", "secret": "…", "created_at": "…", "verify_until": "2025-09-02T10:30:00.000Z"}]}
//
// Newest first. The first key signs and has no `verify_until`; each other one is retired and has one. A new file is
// written beside its name, synced and renamed under a lock on the folder, so that it is the old or the new one and no
// two processes undo each other's changes. All of the functions below fail with kUnavailable, with the remedy, when
// the file belongs to another user, can be read by group or others, cannot be read or made, or is not of this form.

/// A key of its own id, secret and time, that signs.
KeyRecord NewKey(base::WallTime now);

/// Makes folder (0700) and file (0600) with one fresh key where there is none. Also kStorageFull.
base::Status EnsureKeyFile(const std::filesystem::path& keys_folder, base::WallTime now);

/// kNotFound when there is no such file.
base::Result<std::vector<KeyRecord>> ReadKeyFile(const std::filesystem::path& keys_folder);

/// Replaces the keys by what `change` makes of them; where it fails nothing changes. kNotFound when there is no such
/// file; kStorageFull. REQUIRES: `change` leaves a signing key in front and retired ones behind it.
base::Status ChangeKeyFile(const std::filesystem::path& keys_folder,
                           base::FunctionRef<base::Status(std::vector<KeyRecord>&)> change);

}  // namespace portal::crypto
