#pragma once

#include <filesystem>
#include <system_error>

#include "base/function_ref.h"

namespace portal::service {

/// Calls `each` for what is in a folder, in no order. A disk that fails in the middle is an error like a folder that
/// cannot be opened: a range-for over the iterator would throw there. `each` may remove what it is given.
std::error_code ForEachEntry(const std::filesystem::path& folder,
                             base::FunctionRef<void(const std::filesystem::directory_entry&)> each);

}  // namespace portal::service
