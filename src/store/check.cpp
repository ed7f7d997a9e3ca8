#include "store/check.h"

#include <SQLiteCpp/Database.h>
#include <sqlite3.h>

#include <algorithm>
#include <chrono>
#include <iterator>
#include <limits>
#include <optional>
#include <set>
#include <system_error>
#include <utility>

#include "base/clock.h"
#include "embedded/migrations.h"
#include "store/check_counters.h"
#include "store/check_search.h"
#include "store/integrity.h"
#include "store/migrator.h"
#include "store/notes.h"
#include "store/open_connection.h"
#include "store/sqlite_error.h"
#include "store/statement.h"
#include "store/tenant_writer.h"
#include "store/wal_allowance.h"
#include "store/write_lock.h"

namespace portal::store {
namespace {

using base::ErrorCode;
using base::Fail;

constexpr std::chrono::seconds kLockWait{10};
constexpr int kInstructionsBetweenLooks = 100'000;
// Checked in about two seconds; larger ones table by table, which leaves the account of free pages out.
constexpr std::uintmax_t kWholeAtOnceBytes = 256 << 20;

constexpr const char* kVersion = "PRAGMA user_version";
constexpr const char* kTenants = "SELECT tenant_id, slug FROM tenants ORDER BY slug";
constexpr const char* kLivingTenants = "SELECT tenant_id, slug FROM tenants WHERE deleted_at IS NULL ORDER BY slug";
constexpr const char* kBlobsOfFiles = "SELECT sha256, max(size_bytes) FROM files GROUP BY sha256";
constexpr const char* kBlobs = "SELECT sha256, max(size_bytes) FROM blobs GROUP BY sha256";
constexpr const char* kIsNamed = "SELECT 1 FROM blobs WHERE sha256 = ?1";
constexpr const char* kIsNamedByFile = "SELECT 1 FROM files WHERE sha256 = ?1";

constexpr int kFirstSchemaWithBlobs = 2;

struct TenantName {
  base::TenantId id;
  std::string slug;
};

/// BEGIN to COMMIT, or ROLLBACK when an exception passes.
class Transaction {
 public:
  Transaction(SQLite::Database& db, const char* begin) : db_(db) { db_.exec(begin); }
  ~Transaction() {
    if (!done_) sqlite3_exec(db_.getHandle(), "ROLLBACK", nullptr, nullptr, nullptr);
  }
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  void Commit() {
    db_.exec("COMMIT");
    done_ = true;
  }

 private:
  SQLite::Database& db_;
  bool done_ = false;
};

Findings Unfixed(std::vector<std::string> complaints) {
  Findings findings;
  for (std::string& complaint : complaints) findings.push_back({std::move(complaint)});
  return findings;
}

}  // namespace

struct StoreCheck::Parts {
  std::filesystem::path database;
  std::unique_ptr<WriteLock> lock;
  std::optional<SQLite::Database> reader;
  std::optional<SQLite::Database> writer;  // only to fix
  int schema_version = 0;
  std::int64_t tenants = 0;

  /// REQUIRES: the write lock is held.
  base::Status OpenConnections(Fix fix) {
    reader.emplace(OpenConnection(database, Access::kRead, Durability::kFull));
    const Migrator migrator(embedded::migrations());
    if (auto readable = migrator.CheckReadable(*reader); !readable) return readable;
    schema_version = reader->execAndGet(kVersion).getInt();
    if (fix == Fix::kYes) writer.emplace(OpenConnection(database, Access::kWrite, Durability::kFull));
    return {};
  }

  /// Runs something that reads in one snapshot, and gives up once the write-ahead log cannot take what others write
  /// meanwhile. A whole table is one statement, so its snapshot cannot be made shorter. Nor can that of a total or of a
  /// search table: parts of a live store, each read at another moment, add up to what was there at none of them, and
  /// words are kept in their own order, so that each part of the rows would read them all.
  template <typename Read>
  base::Status InSnapshot(Read read) {
    struct Guard {
      sqlite3* db;
      WalWatch wal;
      bool gave_up = false;
      static int Look(void* self) {
        auto* guard = static_cast<Guard*>(self);
        guard->gave_up = guard->wal.TooMuch();
        return guard->gave_up ? 1 : 0;
      }
      ~Guard() { sqlite3_progress_handler(db, 0, nullptr, nullptr); }
    } guard{reader->getHandle(), WalWatch(database)};
    sqlite3_progress_handler(guard.db, kInstructionsBetweenLooks, &Guard::Look, &guard);
    auto done = CatchSqlite(guard.db, [&]() -> base::Status {
      Transaction snapshot(*reader, "BEGIN");
      read();
      snapshot.Commit();
      return {};
    });
    if (done || !guard.gave_up) return done;
    return Fail(
        ErrorCode::kUnavailable,
        "The database is written faster than it can be checked, and its disk must not fill up meanwhile; verify "
        "a backup instead (portal-appliance restore DEST --latest --dry-run), or verify when less is written",
        "the write-ahead log grew by " + std::to_string(guard.wal.Growth()) + " bytes");
  }

  std::vector<TenantName> Tenants(const char* sql) {
    std::vector<TenantName> names;
    Statement rows(reader->getHandle(), sql);
    while (rows.Step()) names.push_back({base::TenantId(rows.Int(0)), std::string(rows.Text(1))});
    return names;
  }

  /// Runs `repair` in a transaction of its own.
  template <typename Repair>
  base::Status Fix(Repair repair) {
    const auto held = lock->Acquire(kLockWait);
    if (!held) return Fail(held.error());
    Transaction transaction(*writer, "BEGIN IMMEDIATE");
    repair(writer->getHandle());
    transaction.Commit();
    return {};
  }
};

StoreCheck::StoreCheck(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

StoreCheck::~StoreCheck() {
  // Without the lock the connections must still go; none of them checkpoints when it closes.
  const auto held = parts_->lock->Acquire(kLockWait);
  parts_->writer.reset();
  parts_->reader.reset();
}

base::Result<std::unique_ptr<StoreCheck>> StoreCheck::Open(const std::filesystem::path& data_folder, Fix fix) {
  ConfigureSqlite();
  auto parts = std::make_unique<Parts>();
  parts->database = data_folder / "portal.db";
  std::error_code failed;
  if (!std::filesystem::is_regular_file(parts->database, failed) ||
      std::filesystem::file_size(parts->database, failed) == 0) {
    return Fail(ErrorCode::kUnavailable, "There is no database in the data folder; restore a backup",
                parts->database.string() + " is missing, empty or no file");
  }
  auto lock = WriteLock::Open(data_folder / "portal.lock");
  if (!lock) return Fail(std::move(lock.error()));
  parts->lock = std::move(*lock);
  const auto held = parts->lock->Acquire(kLockWait);
  if (!held) return Fail(held.error());
  if (auto opened = CatchSqlite(nullptr, [&] { return parts->OpenConnections(fix); }); !opened) {
    parts->writer.reset();
    parts->reader.reset();
    return Fail(opened.error());
  }
  return std::unique_ptr<StoreCheck>(new StoreCheck(std::move(parts)));
}

std::int64_t StoreCheck::tenants() const { return parts_->tenants; }

base::Result<Findings> StoreCheck::CheckDatabase() {
  sqlite3* db = parts_->reader->getHandle();
  return CatchSqlite(parts_->reader->getHandle(), [&]() -> base::Result<Findings> {
    Complaints complaints = CheckSchema(db, parts_->schema_version);
    if (!complaints.empty()) return Unfixed(std::move(complaints));
    base::Status done;
    const auto add = [&](auto check) {
      if (done) done = parts_->InSnapshot([&] { std::ranges::move(check(), std::back_inserter(complaints)); });
    };
    const std::vector<std::string> tables = TablesToCheck(db);
    std::error_code ignored;
    if (std::filesystem::file_size(parts_->database, ignored) <= kWholeAtOnceBytes) {
      add([&] { return CheckStructure(db); });
    } else {
      for (const std::string& table : tables) add([&] { return CheckStructure(db, table); });
    }
    for (const std::string& table : tables) add([&] { return CheckReferences(db, table); });
    if (!done) return Fail(done.error());
    return Unfixed(std::move(complaints));
  });
}

base::Result<Findings> StoreCheck::CheckCounters() {
  SQLite::Database& reader = *parts_->reader;
  const int version = parts_->schema_version;
  return CatchSqlite(parts_->reader->getHandle(), [&]() -> base::Result<Findings> {
    Findings all;
    const auto tenants = parts_->Tenants(version >= kFirstSchemaWithBlobs ? kLivingTenants : kTenants);
    parts_->tenants = static_cast<std::int64_t>(tenants.size());
    for (const TenantName& tenant : tenants) {
      Findings findings;
      for (std::size_t counter = 0; counter < CounterCount(); ++counter) {
        std::optional<std::string> miscount;
        for (std::optional<std::string> part = ""; part && !miscount;) {
          const auto read = parts_->InSnapshot(
              [&] { miscount = FindMiscount(reader.getHandle(), version, counter, tenant.id, tenant.slug, part); });
          if (!read) return Fail(read.error());
        }
        if (miscount) findings.push_back({*std::move(miscount)});
      }
      if (!findings.empty() && parts_->writer) {
        const base::SystemClock clock;
        const auto fixed = parts_->Fix([&](sqlite3* db) { Recount(db, version, tenant.id, clock.Wall()); });
        if (!fixed) return Fail(fixed.error());
        for (Finding& finding : findings) finding.fixed = true;
      }
      if (ReadNote(reader.getHandle(), UnfinishedImportNote(tenant.id))) {
        findings.push_back({"the import of tenant " + tenant.slug +
                            " has not come to its end; if none is running, remove it with portal-appliance tenant "
                            "delete " +
                            tenant.slug + " --confirm, and import it again"});
      }
      std::ranges::move(findings, std::back_inserter(all));
    }
    return all;
  });
}

base::Result<Findings> StoreCheck::CheckSearch(base::FunctionRef<void(std::int64_t rows)> repaired) {
  SQLite::Database& reader = *parts_->reader;
  return CatchSqlite(parts_->reader->getHandle(), [&]() -> base::Result<Findings> {
    Findings all;
    SearchCheck search(reader.getHandle());
    std::optional<SearchCheck> repair;
    if (parts_->writer) repair.emplace(parts_->writer->getHandle());
    std::set<base::TenantId> known;
    const auto fix = [&](const base::TenantId& tenant) -> base::Status {
      for (std::size_t table = 0; table < SearchCheck::tables(); ++table) {
        std::optional<std::int64_t> after = std::numeric_limits<std::int64_t>::min();
        while (after) {
          SearchCheck::Difference difference;
          const auto read = parts_->InSnapshot([&] { difference = search.Compare(table, tenant, *after); });
          if (!read) return read;
          while (!difference.absent.empty() || !difference.extra.empty()) {
            std::int64_t rows = 0;
            const auto done = parts_->Fix([&](sqlite3*) { rows = repair->RepairSome(difference, tenant); });
            if (!done) return done;
            repaired(rows);
          }
          after = difference.last;
        }
      }
      return {};
    };
    const auto examine = [&](const TenantName& tenant) -> base::Status {
      Findings findings;
      for (std::size_t table = 0; table < SearchCheck::tables(); ++table) {
        std::optional<std::string> wrong;
        const auto read = parts_->InSnapshot([&] { wrong = search.Examine(table, tenant.id, tenant.slug); });
        if (!read) return read;
        if (wrong) findings.push_back({*std::move(wrong)});
      }
      if (!findings.empty() && repair) {
        if (auto fixed = fix(tenant.id); !fixed) return fixed;
        for (Finding& finding : findings) finding.fixed = true;
      }
      std::ranges::move(findings, std::back_inserter(all));
      return {};
    };
    for (const TenantName& tenant : parts_->Tenants(kTenants)) {
      known.insert(tenant.id);
      if (auto done = examine(tenant); !done) return Fail(done.error());
    }
    for (const base::TenantId& tenant : search.TenantsWithWords()) {
      if (known.contains(tenant)) continue;
      const TenantName stranger{tenant, "number " + std::to_string(tenant.value()) + ", which does not exist,"};
      if (auto done = examine(stranger); !done) return Fail(done.error());
    }
    return all;
  });
}

base::Result<std::map<model::ContentHash, std::int64_t>> StoreCheck::NamedBlobs() {
  sqlite3* db = parts_->reader->getHandle();
  return CatchSqlite(db, [&]() -> base::Result<std::map<model::ContentHash, std::int64_t>> {
    std::map<model::ContentHash, std::int64_t> named;
    std::vector<const char*> sources = {kBlobsOfFiles};
    if (parts_->schema_version >= kFirstSchemaWithBlobs) sources.push_back(kBlobs);
    for (const char* source : sources) {
      Statement rows(db, source);
      while (rows.Step()) {
        model::ContentHash hash{};
        if (rows.Blob(0).size() != hash.size()) continue;  // CheckDatabase complains of it
        std::ranges::copy(rows.Blob(0), hash.begin());
        named.emplace(hash, rows.Int(1));
      }
    }
    return named;
  });
}

base::Result<bool> StoreCheck::RemoveUnnamed(const model::ContentHash& sha256,
                                             base::FunctionRef<base::Status()> remove) {
  SQLite::Database& writer = *parts_->writer;
  return CatchSqlite(writer.getHandle(), [&]() -> base::Result<bool> {
    const auto held = parts_->lock->Acquire(kLockWait);
    if (!held) return Fail(held.error());
    Statement named(writer.getHandle(), parts_->schema_version >= kFirstSchemaWithBlobs ? kIsNamed : kIsNamedByFile);
    named.Bind(1, std::span<const unsigned char>(sha256));
    if (named.Step()) return false;
    named.Reset();
    if (auto removed = remove(); !removed) return Fail(removed.error());
    return true;
  });
}

}  // namespace portal::store
