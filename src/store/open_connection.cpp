#include "store/open_connection.h"

#include <sqlite3.h>

#include <mutex>
#include <string>

namespace portal::store {
namespace {

// Bytes of pages that a connection keeps. Readers have the kernel's page cache behind them; the writer's must hold the
// upper levels and the hot leaves of all indexes during an import.
constexpr std::size_t kReadCache = 16'000 * 1024;
constexpr std::size_t kWriteCache = 64'000 * 1024;

// secure_delete: what is deleted is overwritten at once, in pages that go on being used as in those that are free
// from then on; docs/decisions/0012 has what it costs.
constexpr const char* kPragmas =
    "PRAGMA synchronous=FULL;"
    "PRAGMA foreign_keys=ON;"
    "PRAGMA trusted_schema=OFF;"
    "PRAGMA cell_size_check=ON;"
    "PRAGMA mmap_size=0;"
    "PRAGMA secure_delete=ON;"
    "PRAGMA journal_size_limit=67108864;"
    "PRAGMA wal_autocheckpoint=0;";

void Configure(sqlite3* db, int option) {
  const int code = sqlite3_db_config(db, option, 1, nullptr);
  if (code != SQLITE_OK) throw SQLite::Exception(db, code);
}

}  // namespace

void ConfigureSqlite() {
  static std::once_flag once;
  std::call_once(once, [] { sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0); });
}

SQLite::Database OpenConnection(const std::filesystem::path& file, Access access, Durability durability) {
  const int flags = (access == Access::kRead ? SQLite::OPEN_READONLY : SQLite::OPEN_READWRITE) | SQLite::OPEN_NOMUTEX;
  SQLite::Database db(file.string(), flags, kBusyTimeoutMs);
  Configure(db.getHandle(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE);
  Configure(db.getHandle(), SQLITE_DBCONFIG_DEFENSIVE);
  db.exec(kPragmas);
  if (durability == Durability::kNone) db.exec("PRAGMA synchronous=OFF");
  SetPageCache(db, access == Access::kRead ? kReadCache : kWriteCache);
  return db;
}

void SetPageCache(SQLite::Database& db, std::size_t bytes) {
  db.exec("PRAGMA cache_size=-" + std::to_string(bytes / 1024));  // a negative number is KiB, a positive one pages
}

}  // namespace portal::store
