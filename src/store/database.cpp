#include "store/database.h"

#include <SQLiteCpp/Statement.h>

#include <cassert>
#include <deque>
#include <optional>
#include <system_error>
#include <utility>

#include "base/durable.h"
#include "embedded/migrations.h"
#include "store/anchor_cache.h"
#include "store/database_file.h"
#include "store/open_connection.h"
#include "store/probe.h"
#include "store/read_connection.h"
#include "store/reader.h"
#include "store/rewind.h"
#include "store/sqlite_error.h"
#include "store/write_connection.h"
#include "store/write_lock.h"
#include "store/writer.h"

namespace portal::store {
namespace {

constexpr std::size_t kAnchorBytes = 16 * 1024 * 1024;
// Housekeeping gives way to work.
constexpr std::chrono::milliseconds kMaintenanceLockWait{100};
constexpr std::uintmax_t kLargeWalBytes = 64 * 1024 * 1024;

// Bytes of pages that a worker keeps which reads single rows.
constexpr std::size_t kCacheForRows = 4u << 20;

/// One worker's connection and what reads through it.
struct Worker {
  Worker(SQLite::Database db, const base::Clock& clock, resilience::Guard guard, const InjectedFaults* faults,
         AnchorCache& anchors)
      : connection(std::move(db), clock, guard, faults), reader(connection, anchors) {}
  ReadConnection connection;
  Reader reader;
};

}  // namespace

struct Database::Parts {
  Parts(const Options& options, std::unique_ptr<WriteLock> write_lock, base::Logger& log)
      : path(options.folder / "portal.db"),
        lock_wait(options.lock_wait),
        guard(options.guard),
        logger(log),
        lock(std::move(write_lock)),
        anchors(kAnchorBytes) {}

  /// Both REQUIRE that the write lock is held, as far as it could be had.
  base::Status Open(const Options& options, const base::Clock& clock);
  void Close();

  const std::filesystem::path path;
  const std::chrono::milliseconds lock_wait;
  const resilience::Guard guard;
  base::Logger& logger;
  std::unique_ptr<WriteLock> lock;
  AnchorCache anchors;
  std::string epoch;
  std::optional<WriteConnection> write_connection;
  std::optional<Writer> writer;
  std::deque<Worker> workers;  // a deque, since they do not move
  std::optional<FileProbe> probe;
};

base::Status Database::Parts::Open(const Options& options, const base::Clock& clock) {
  const Migrator migrator(embedded::migrations());
  const DatabaseFile file(options.folder, options.durability, migrator);
  if (!file.IsPresent()) {
    if (base::Status created = file.Create(); !created) return created;
  }
  base::Result<SQLite::Database> db = file.Open();
  if (!db) return base::Fail(std::move(db.error()));
  epoch = db->execAndGet("SELECT value FROM meta WHERE name = 'epoch'").getString();
  write_connection.emplace(std::move(*db), file.wal_path(), clock, options.faults);
  writer.emplace(*write_connection, *lock, lock_wait, guard.ForChanges(), logger);
  const auto read = [&] { return OpenConnection(file.path(), Access::kRead, options.durability); };
  for (std::size_t i = 0; i < options.workers; ++i) {
    SQLite::Database connection = read();
    const bool lists = i < options.list_workers;
    SetPageCache(connection, lists ? options.page_cache : kCacheForRows);
    workers.emplace_back(std::move(connection), clock, guard, lists ? options.faults : nullptr, anchors);
  }
  probe.emplace(read(), file.path(), options.faults);
  return {};
}

void Database::Parts::Close() {
  probe.reset();
  workers.clear();
  writer.reset();
  write_connection.reset();
}

namespace {

/// Also turns the file system's exceptions into errors.
template <typename Work>
std::invoke_result_t<Work> CatchFilesystem(Work&& work) {
  try {
    return work();
  } catch (const std::filesystem::filesystem_error& error) {
    const bool full = base::IsOutOfSpace(error.code().value());
    return base::Fail(
        full ? base::ErrorCode::kStorageFull : base::ErrorCode::kUnavailable,
        full ? "There is no space left for the database" : "The data folder cannot be used: " + error.code().message(),
        error.what());
  }
}

}  // namespace

base::Result<std::unique_ptr<Database>> Database::Open(const Options& options, const base::Clock& clock,
                                                       base::Logger& logger) {
  ConfigureSqlite();
  return CatchFilesystem([&]() -> base::Result<std::unique_ptr<Database>> {
    if (options.create) {
      std::filesystem::create_directories(options.folder);
    } else if (!std::filesystem::exists(options.folder / "portal.db")) {
      return base::Fail(base::ErrorCode::kUnavailable, "There is no database in the data folder",
                        options.folder.string() + " has no portal.db");
    }
    base::Result<std::unique_ptr<WriteLock>> lock = WriteLock::Open(options.folder / "portal.lock");
    if (!lock) return base::Fail(std::move(lock.error()));
    auto parts = std::make_unique<Parts>(options, std::move(*lock), logger);
    const base::Result<WriteLock::Held> held = parts->lock->Acquire(options.lock_wait);
    if (!held) return base::Fail(held.error());
    const base::Status opened =
        CatchFilesystem([&] { return CatchSqlite(nullptr, [&] { return parts->Open(options, clock); }); });
    if (!opened) {
      parts->Close();
      return base::Fail(opened.error());
    }
    return std::unique_ptr<Database>(new Database(std::move(parts)));
  });
}

Database::Database(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

Database::~Database() {
  const base::Result<WriteLock::Held> held = parts_->lock->Acquire(parts_->lock_wait);
  // Without the lock the connections must still go; none of them checkpoints when it closes.
  if (!held)
    parts_->logger.Warning("database_closed_without_lock", {{"reason", std::string_view(held.error().detail)}});
  if (held && parts_->write_connection->has_committed()) {
    const base::Status truncated = CatchSqlite(parts_->write_connection->handle(), [&]() -> base::Status {
      parts_->write_connection->TruncateWal();
      return {};
    });
    if (!truncated) {
      parts_->logger.Warning("checkpoint_failed", {{"reason", std::string_view(truncated.error().internal)}});
    }
  }
  parts_->Close();
}

Reader& Database::reader(base::WorkerId worker) {
  assert(worker.index < parts_->workers.size());
  return parts_->workers[worker.index].reader;
}

Writer& Database::writer() { return *parts_->writer; }

const std::string& Database::epoch() const { return parts_->epoch; }

void Database::Maintain() {
  if (parts_->write_connection->WalFileSizeBytes() <= kLargeWalBytes) return;
  const base::Result<WriteLock::Held> held = parts_->lock->Acquire(kMaintenanceLockWait);
  if (!held) return;  // whoever has it checkpoints as well; the next round tries again
  WriteConnection& connection = *parts_->write_connection;
  const base::Status truncated = parts_->guard.ForChanges().Run([&] {
    return CatchSqlite(connection.handle(), [&]() -> base::Status {
      connection.TruncateWal();
      return {};
    });
  });
  if (!truncated && truncated.error().code != base::ErrorCode::kCircuitOpen) {
    parts_->logger.Warning("checkpoint_failed", {{"reason", std::string_view(truncated.error().internal)}});
  }
}

base::Result<bool> Database::EmptyLog() {
  const base::Result<WriteLock::Held> held = parts_->lock->Acquire(parts_->lock_wait);
  if (!held) return base::Fail(held.error());
  WriteConnection& connection = *parts_->write_connection;
  return parts_->guard.ForChanges().Run(
      [&] { return CatchSqlite(connection.handle(), [&] { return connection.EmptyLog(); }); });
}

base::Result<ScrubStep> Database::ScrubPages(std::uint32_t most) {
  const base::Result<WriteLock::Held> held = parts_->lock->Acquire(parts_->lock_wait);
  if (!held) return base::Fail(held.error());
  WriteConnection& connection = *parts_->write_connection;
  return parts_->guard.ForChanges().Run(
      [&] { return CatchSqlite(connection.handle(), [&] { return connection.ScrubPages(most); }); });
}

base::Status Database::Rewind(const std::filesystem::path& copy, base::FunctionRef<void()> after) {
  {
    const base::Result<WriteLock::Held> held = parts_->lock->Acquire(parts_->lock_wait);
    if (!held) return base::Fail(held.error());
    const base::Status done = CatchSqlite(nullptr, [&]() -> base::Status {
      store::Rewind(parts_->path, copy);
      return {};
    });
    if (!done) return done;
    parts_->anchors.Clear();  // a new tenant may get the number and the revisions of one that is gone
    after();
  }
  // A commit of this process's own, after which everybody asks again what he knows of tokens.
  return parts_->writer->Write([](WriteTransaction&) -> base::Status { return {}; });
}

base::Status Database::Probe() {
  if (base::Status in_place = parts_->lock->CheckFile(); !in_place) return in_place;
  return parts_->guard.Run([&] { return parts_->probe->Run(); });
}

}  // namespace portal::store
