#pragma once

#include <filesystem>

namespace portal::store {

/// Makes an empty file that only its owner may read and write, without opening a descriptor of it: closing
/// one would drop the locks that SQLite holds on it in this process. Throws std::filesystem::filesystem_error.
void CreatePrivateFile(const std::filesystem::path& file);

}  // namespace portal::store
