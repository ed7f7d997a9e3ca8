#include "store/rewind.h"

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>
#include <sqlite3.h>

#include "store/open_connection.h"
#include "store/page_copy.h"

namespace portal::store {
namespace {

constexpr const char* kLatestRevision = "SELECT coalesce(max(revision), 0) FROM tenants";
constexpr const char* kSetRevisions = "UPDATE tenants SET revision = ?";

}  // namespace

void Rewind(const std::filesystem::path& database, const std::filesystem::path& copy) {
  // A connection of its own, so that all others find out as they do of every commit that is not theirs.
  SQLite::Database target = OpenConnection(database, Access::kWrite, Durability::kNone);
  SQLite::Database source(copy.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_NOMUTEX);
  source.exec("PRAGMA synchronous = OFF");
  SQLite::Statement advance(source, kSetRevisions);
  advance.bind(1, target.execAndGet(kLatestRevision).getInt64() + 1);
  advance.exec();
  PageCopy pages(target.getHandle(), source.getHandle());
  while (pages.Step(-1)) continue;
  pages.Finish();
  // Not to the end where readers are in the way; the next one tries again.
  sqlite3_wal_checkpoint_v2(target.getHandle(), nullptr, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
}

}  // namespace portal::store
