#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "base/hex.h"
#include "model/file.h"

namespace portal::service {

// The names in a backup's folder, which are those of a data folder as far as they hold the same.
inline constexpr std::string_view kBackupDatabase = "portal.db";
inline constexpr std::string_view kBackupBlobs = "blobs";
inline constexpr std::string_view kBackupManifest = "manifest.json";
inline constexpr std::string_view kBackupKeys = "keys.sealed";
/// In a data folder: its tokens are known to everybody, so it is served on loopback alone.
inline constexpr std::string_view kDemoMarker = "demo-data";

/// Where a blob is below `blobs`: `ab/cdef…`.
inline std::filesystem::path BlobPlace(const std::filesystem::path& blobs, const model::ContentHash& sha256) {
  const std::string digits = base::ToHex(sha256);
  return blobs / digits.substr(0, 2) / digits.substr(2);
}

}  // namespace portal::service
