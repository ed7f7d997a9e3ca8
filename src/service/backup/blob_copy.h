#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>

#include "base/result.h"
#include "base/unique_fd.h"
#include "crypto/hash.h"

namespace portal::service {

/// What came of a file that was read to its end.
struct Copied {
  crypto::Sha256Digest sha256{};
  std::int64_t size_bytes = 0;
};

/// Copies all bytes of `source` to `target`, hashes what was read, and syncs the target. Shares the bytes where the
/// file system can (a reflink) and copies them elsewhere. `stop` is asked after every part with its size in bytes;
/// true ends the copy with kUnavailable. kUnavailable, kStorageFull; `name` is what errors call the file.
base::Result<Copied> CopyFile(int source, int target, const std::filesystem::path& name,
                              const std::function<bool(std::int64_t)>& stop);

/// The hash and size of a file. Errors as CopyFile.
base::Result<Copied> HashFile(int source, const std::filesystem::path& name,
                              const std::function<bool(std::int64_t)>& stop);

/// Opens a regular file for reading; links are not followed. kNotFound; kUnavailable.
base::Result<base::UniqueFd> OpenForReading(const std::filesystem::path& file);

}  // namespace portal::service
