#include "store/backup.h"

#include <SQLiteCpp/Database.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "base/durable.h"
#include "base/unique_fd.h"
#include "store/open_connection.h"
#include "store/page_copy.h"
#include "store/private_file.h"
#include "store/sqlite_error.h"
#include "store/wal_allowance.h"
#include "store/write_lock.h"

namespace portal::store {
namespace {

using base::ErrorCode;

constexpr std::chrono::seconds kLockWait{10};

std::uintmax_t SizeOf(const std::filesystem::path& file) {
  std::error_code missing;
  const std::uintmax_t size = std::filesystem::file_size(file, missing);
  return missing ? 0 : size;
}

/// The connection that reads the live database, with its snapshot. Opened and closed under the write lock, as every
/// one is.
class LiveSource {
 public:
  static base::Result<std::unique_ptr<LiveSource>> Open(const std::filesystem::path& data_folder) {
    auto lock = WriteLock::Open(data_folder / "portal.lock");
    if (!lock) return base::Fail(std::move(lock.error()));
    std::unique_ptr<LiveSource> source(new LiveSource(std::move(*lock)));
    const auto held = source->lock_->Acquire(kLockWait);
    if (!held) return base::Fail(held.error());
    source->db_.emplace(OpenConnection(data_folder / "portal.db", Access::kRead, Durability::kFull));
    source->db_->exec("BEGIN");
    source->db_->execAndGet("SELECT count(*) FROM sqlite_schema");  // the snapshot begins with the first read
    return source;
  }

  ~LiveSource() {
    if (!db_) return;
    // Without the lock the connection must still go; it does not checkpoint when it closes.
    static_cast<void>(EndLocked());
  }

  sqlite3* handle() { return db_->getHandle(); }

 private:
  explicit LiveSource(std::unique_ptr<WriteLock> lock) : lock_(std::move(lock)) {}

  base::Status EndLocked() {
    sqlite3_exec(db_->getHandle(), "ROLLBACK", nullptr, nullptr, nullptr);  // the snapshot first: others wait for it
    const auto held = lock_->Acquire(kLockWait);
    db_.reset();
    if (!held) return base::Fail(held.error());
    return {};
  }

  std::unique_ptr<WriteLock> lock_;
  std::optional<SQLite::Database> db_;
};

/// Nobody else knows the file yet and it is synced at the end, so no journal is kept while it is filled.
SQLite::Database OpenTarget(const std::filesystem::path& file) {
  SQLite::Database db(file.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_NOMUTEX);
  db.exec("PRAGMA locking_mode = EXCLUSIVE");
  db.exec("PRAGMA synchronous = OFF");
  db.exec("PRAGMA journal_mode = OFF");
  return db;
}

base::Status CopyPages(SQLite::Database& target, LiveSource& source, const CopyOptions& options, CopyReport& report) {
  const WalWatch wal(options.data_folder / "portal.db");
  const std::int64_t page_bytes = [&] {
    SQLite::Database& db = target;
    return db.execAndGet("PRAGMA page_size").getInt64();
  }();
  PageCopy copy(target.getHandle(), source.handle());
  while (copy.Step(options.pages_a_step)) {
    report.wal_growth_bytes = std::max(report.wal_growth_bytes, static_cast<std::int64_t>(wal.Growth()));
    if (wal.TooMuch()) {
      return base::Fail(ErrorCode::kUnavailable,
                        "The database is written faster than it can be copied, and its disk must not fill up "
                        "meanwhile; make the backup when less is written, to a faster disk, or free some space on the "
                        "disk of the data folder",
                        "the write-ahead log grew by " + std::to_string(wal.Growth()) + " bytes");
    }
    if (options.stop(copy.done() * page_bytes, copy.total() * page_bytes)) {
      return base::Fail(ErrorCode::kUnavailable, "Stopped before the end");
    }
  }
  options.stop(copy.total() * page_bytes, copy.total() * page_bytes);
  copy.Finish();
  return {};
}

/// The copy's header says that there is a write-ahead log beside it, as there is beside the original.
void MakeSelfContained(const std::filesystem::path& file) {
  SQLite::Database db(file.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_NOMUTEX);
  db.exec("PRAGMA locking_mode = EXCLUSIVE");
  db.exec("PRAGMA synchronous = OFF");
  db.exec("PRAGMA journal_mode = DELETE");
}

base::Status Sync(const std::filesystem::path& file) {
  const base::UniqueFd fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  if (fd && ::fsync(fd.get()) == 0) return {};
  const int error = errno;
  return base::Fail(base::IsOutOfSpace(error) ? ErrorCode::kStorageFull : ErrorCode::kUnavailable,
                    "The copy of the database cannot be made safe",
                    "sync " + file.string() + ": " + std::strerror(error));
}

}  // namespace

base::Result<CopyReport> CopyDatabase(const CopyOptions& options) {
  ConfigureSqlite();
  CopyReport report;
  const base::Status copied = CatchSqlite(nullptr, [&]() -> base::Status {
    auto source = LiveSource::Open(options.data_folder);
    if (!source) return base::Fail(std::move(source.error()));
    CreatePrivateFile(options.target);
    SQLite::Database target = OpenTarget(options.target);
    return CatchSqlite(target.getHandle(), [&] { return CopyPages(target, **source, options, report); });
  });
  if (!copied) return base::Fail(copied.error());
  const base::Status finished = CatchSqlite(nullptr, [&]() -> base::Status {
    MakeSelfContained(options.target);
    return Sync(options.target);
  });
  if (!finished) return base::Fail(finished.error());
  report.size_bytes = static_cast<std::int64_t>(SizeOf(options.target));
  return report;
}

}  // namespace portal::store
