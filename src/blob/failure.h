#pragma once

#include <filesystem>
#include <string_view>

#include "base/result.h"

namespace portal::blob {

/// What errno says of a call that failed: kStorageFull or kUnavailable; the path goes to `internal` only. A fault
/// (`Error::fault`), unless the process has run out of memory or descriptors.
[[nodiscard]] tl::unexpected<base::Error> Failure(std::string_view action, const std::filesystem::path& where);

}  // namespace portal::blob
