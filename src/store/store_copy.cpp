#include "store/store_copy.h"

#include <SQLiteCpp/Database.h>
#include <sqlite3.h>

#include <algorithm>
#include <utility>

#include "embedded/migrations.h"
#include "store/integrity.h"
#include "store/migrator.h"
#include "store/open_connection.h"
#include "store/sqlite_error.h"
#include "store/statement.h"

namespace portal::store {
namespace {

using base::ErrorCode;

constexpr int kInstructionsBetweenLooks = 100'000;

constexpr const char* kVersion = "PRAGMA user_version";
constexpr const char* kEpoch = "SELECT value FROM meta WHERE name = 'epoch'";
constexpr const char* kTenants =
    "SELECT slug, revision, contacts_total, jobs_total, "
    "(SELECT count(*) FROM files AS f WHERE f.tenant_id = t.tenant_id) FROM tenants AS t ORDER BY slug";
constexpr const char* kLivingTenants =
    "SELECT slug, revision, contacts_total, jobs_total, "
    "(SELECT count(*) FROM files AS f WHERE f.tenant_id = t.tenant_id) FROM tenants AS t "
    "WHERE deleted_at IS NULL ORDER BY slug";
constexpr const char* kBlobsOfFiles = "SELECT sha256, max(size_bytes) FROM files GROUP BY sha256";
constexpr const char* kBlobs = "SELECT sha256, max(size_bytes) FROM blobs GROUP BY sha256";
constexpr const char* kNewEpoch = "UPDATE meta SET value = lower(hex(randomblob(16))) WHERE name = 'epoch'";

constexpr int kFirstSchemaWithBlobs = 2;

/// SQLite's notation for a file that nobody changes: no lock is taken and no journal looked for.
std::string ImmutableUri(const std::filesystem::path& file) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string uri = "file:";
  for (const char c : std::filesystem::absolute(file).string()) {
    if (c == '%' || c == '?' || c == '#') {
      const auto byte = static_cast<unsigned char>(c);
      uri += {'%', kDigits[byte >> 4], kDigits[byte & 15]};
    } else {
      uri += c;
    }
  }
  return uri + "?immutable=1";
}

SQLite::Database Open(const std::filesystem::path& file, StoreCopy::Mode mode) {
  ConfigureSqlite();
  const bool read_only = mode == StoreCopy::Mode::kReadOnly;
  SQLite::Database db(
      read_only ? ImmutableUri(file) : file.string(),
      (read_only ? SQLite::OPEN_READONLY | SQLite::OPEN_URI : SQLite::OPEN_READWRITE) | SQLite::OPEN_NOMUTEX);
  sqlite3_db_config(db.getHandle(), SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  db.exec("PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; PRAGMA foreign_keys = ON; PRAGMA mmap_size = 0");
  if (!read_only) db.exec("PRAGMA locking_mode = EXCLUSIVE");  // no shared memory beside it
  return db;
}

int Stop(void* stop) { return (*static_cast<const std::function<bool()>*>(stop))() ? 1 : 0; }

int Version(SQLite::Database& db) { return db.execAndGet(kVersion).getInt(); }

}  // namespace

int NewestSchema() { return static_cast<int>(embedded::migrations().size()); }

base::Status StoreCopy::Check(const std::function<bool()>& stop) const {
  base::Status checked = CatchSqlite(nullptr, [&]() -> base::Status {
    SQLite::Database db = Open(file_, mode_);
    sqlite3_progress_handler(db.getHandle(), kInstructionsBetweenLooks, &Stop,
                             const_cast<std::function<bool()>*>(&stop));
    const Migrator migrator(embedded::migrations());
    if (auto readable = migrator.CheckReadable(db); !readable) return readable;
    Complaints complaints = CheckSchema(db.getHandle(), Version(db));
    if (complaints.empty()) complaints = CheckStructure(db.getHandle());
    if (complaints.empty()) complaints = CheckReferences(db.getHandle());
    if (complaints.empty()) return {};
    return base::Fail(ErrorCode::kUnavailable, "The database is damaged: " + complaints.front());
  });
  if (!checked && checked.error().code == ErrorCode::kOverBudget) {
    return base::Fail(ErrorCode::kUnavailable, "Stopped before the end");
  }
  return checked;
}

base::Result<StoreFacts> StoreCopy::Facts() const {
  return CatchSqlite(nullptr, [&]() -> base::Result<StoreFacts> {
    SQLite::Database db = Open(file_, mode_);
    StoreFacts facts;
    facts.schema_version = Version(db);
    facts.epoch = db.execAndGet(kEpoch).getString();
    const bool has_blobs = facts.schema_version >= kFirstSchemaWithBlobs;
    Statement tenants(db.getHandle(), has_blobs ? kLivingTenants : kTenants);
    while (tenants.Step()) {
      facts.tenants.push_back(
          {std::string(tenants.Text(0)), tenants.Int(1), tenants.Int(2), tenants.Int(3), tenants.Int(4)});
    }
    Statement blobs(db.getHandle(), has_blobs ? kBlobs : kBlobsOfFiles);
    while (blobs.Step()) {
      model::ContentHash hash{};
      const auto found = blobs.Blob(0);
      if (found.size() != hash.size()) return base::Fail(ErrorCode::kUnavailable, "The database names a blob wrongly");
      std::ranges::copy(found, hash.begin());
      facts.blobs.emplace(hash, blobs.Int(1));
    }
    return facts;
  });
}

base::Status StoreCopy::PrepareForUse() const {
  return CatchSqlite(nullptr, [&]() -> base::Status {
    SQLite::Database db = Open(file_, mode_);
    const Migrator migrator(embedded::migrations());
    if (auto upgraded = migrator.UpgradeCopy(db); !upgraded) return upgraded;
    db.exec(kNewEpoch);
    return {};
  });
}

}  // namespace portal::store
