#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "base/result.h"

namespace portal::blob {

/// What errno says of a call that failed: kStorageFull or kUnavailable; the path goes to `internal` only. A fault
/// (`Error::fault`), unless the process has run out of memory or descriptors.
[[nodiscard]] tl::unexpected<base::Error> Failure(std::string_view action, const std::filesystem::path& where);

/// The text of such a fault: "open: Input/output error"; empty where it is none.
std::string FaultOf(std::string_view action, int error);

}  // namespace portal::blob
