#pragma once

#include <filesystem>

namespace portal::store {

/// Overwrites a database in use with a copy that CopyDatabase made of it before, in one transaction. Tenants get
/// revisions that none has had, so that nothing that was kept of one is taken for what it is now. For throw-away
/// stores: nothing is synced. REQUIRES: the write lock is held. Throws SQLite::Exception.
void Rewind(const std::filesystem::path& database, const std::filesystem::path& copy);

}  // namespace portal::store
