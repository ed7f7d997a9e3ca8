#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "crypto/hash.h"
#include "model/file.h"
#include "store/store_copy.h"

namespace portal::service {

/// One file of a backup.
struct ManifestFile {
  crypto::Sha256Digest sha256{};
  std::int64_t size_bytes = 0;
  friend bool operator==(const ManifestFile&, const ManifestFile&) = default;
};

/// What a backup says of itself: `manifest.json`, written last. As JSON:
///
///     {"format": 1, "program": "1.0.0", "schema": 2, "epoch": "<32 hex digits>", "made_at":
///     "2025-09-02T02:05:23.000Z",
///      "demo_data": false, "database": {"sha256": "<64 hex digits>", "size": 4096},
///      "keys": null or {"sha256": …, "size": …},
///      "tenants": [{"slug": "acme", "revision": 7, "contacts": 2, "jobs": 1, "files": 1}],
///      "blobs": [{"sha256": …, "size": …}], "missing_blobs": []}
struct Manifest {
  static constexpr int kFormat = 1;

  std::string program;
  store::StoreFacts store;  ///< without the blobs that the live store had lost: those are in `missing_blobs`
  base::WallTime made_at;
  bool demo_data = false;
  ManifestFile database;
  std::optional<ManifestFile> keys;  ///< sealed
  std::vector<model::ContentHash> missing_blobs;

  /// What the blobs take.
  std::int64_t BlobBytes() const;
  std::int64_t SizeBytes() const { return database.size_bytes + BlobBytes(); }
};

std::string ToJson(const Manifest& manifest);
/// Strict: every member of its type and form. kUnavailable says what is wrong; of a later format, to upgrade.
base::Result<Manifest> ParseManifest(std::string_view text);
/// Reads `manifest.json` in a backup's folder. kNotFound where there is none; kUnavailable.
base::Result<Manifest> ReadManifest(const std::filesystem::path& backup);

}  // namespace portal::service
