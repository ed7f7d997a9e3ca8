#include "store/write_connection.h"

#include <sqlite3.h>

#include <string>
#include <system_error>
#include <utility>

#include "store/notes.h"
#include "store/open_connection.h"

namespace portal::store {
namespace {

constexpr int kPageBytes = 4096;
constexpr int kCheckpointPages = 4 * 1024 * 1024 / kPageBytes;

}  // namespace

WriteConnection::WriteConnection(SQLite::Database db, std::filesystem::path wal_file, const base::Clock& clock,
                                 const InjectedFaults* faults)
    : db_(std::move(db)),
      wal_file_(std::move(wal_file)),
      clock_(clock),
      faults_(faults),
      begin_("BEGIN IMMEDIATE"),
      commit_("COMMIT"),
      ledger_(db_.getHandle()),
      words_(db_.getHandle()),
      contacts(db_.getHandle(), ledger_, words_, clock),
      jobs(db_.getHandle(), ledger_, words_, clock),
      blobs(db_.getHandle(), ledger_, clock),
      files(db_.getHandle(), ledger_, blobs),
      tenants(db_.getHandle(), ledger_, clock),
      purge(db_.getHandle(), ledger_, contacts, jobs),
      feed_batches(db_.getHandle()) {
  sqlite3_wal_hook(handle(), &OnCommit, this);
}

void WriteConnection::Begin() {
  if (sqlite3_get_autocommit(handle()) == 0) RollBack();  // what a step that failed has left open
  failure_.reset();
  ThrowInjectedForWrite(faults_);
  Run(begin_.On(handle())).Execute();
}

base::Status WriteConnection::Commit() {
  if (base::Status settled = ledger_.Settle(); !settled) return settled;
  Run(commit_.On(handle())).Execute();
  has_committed_ = true;
  return {};
}

void WriteConnection::RollBack() noexcept {
  ledger_.Discard();
  // SQLite has already rolled back after some failures; there is nothing to do then.
  if (!sqlite3_get_autocommit(handle())) sqlite3_exec(handle(), "ROLLBACK", nullptr, nullptr, nullptr);
}

void WriteConnection::CheckpointIfDue() {
  if (wal_pages_ <= kCheckpointPages) return;
  const int code = sqlite3_wal_checkpoint_v2(handle(), nullptr, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
  if (code != SQLITE_OK && code != SQLITE_BUSY) throw SQLite::Exception(handle(), code);
}

void WriteConnection::TruncateWal() {
  sqlite3_busy_timeout(handle(), 0);
  const int code = sqlite3_wal_checkpoint_v2(handle(), nullptr, SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr);
  sqlite3_busy_timeout(handle(), kBusyTimeoutMs);
  if (code == SQLITE_OK) wal_pages_ = 0;
  if (code != SQLITE_OK && code != SQLITE_BUSY && code != SQLITE_LOCKED) throw SQLite::Exception(handle(), code);
}

base::Result<ScrubStep> WriteConnection::ScrubPages(std::uint32_t most) {
  const std::uint32_t first = ReadScrubState(handle()).next_page;
  if (first == 0) return ScrubStep{};
  int frames = 0;
  int copied = 0;
  const int code = sqlite3_wal_checkpoint_v2(handle(), nullptr, SQLITE_CHECKPOINT_PASSIVE, &frames, &copied);
  if (code != SQLITE_OK && code != SQLITE_BUSY) throw SQLite::Exception(handle(), code);
  if (code == SQLITE_BUSY || copied < frames) return ScrubStep{.next = first, .bytes_overwritten = 0, .blocked = true};
  sqlite3_db_release_memory(handle());  // pages as they were would otherwise come back with their next change
  const ScrubStep step = PageScrub(handle()).Run(first, most);
  // A commit: other processes' connections drop their pages when they see one.
  Begin();
  WriteNote(handle(), kPagesScrubbed, std::to_string(step.next));
  if (step.next == 0) {
    WriteTimeNote(handle(), kPagesScrubbedAt, Now());
    WriteNote(handle(), kLogWaits, "1");
  }
  if (base::Status done = Commit(); !done) return base::Fail(std::move(done).error());
  return step;
}

base::Result<bool> WriteConnection::EmptyLog() {
  if (!ReadScrubState(handle()).log_waits) return false;
  TruncateWal();
  if (WalFileSizeBytes() != 0) return false;
  Begin();
  RemoveNote(handle(), kLogWaits);
  if (base::Status done = Commit(); !done) return base::Fail(std::move(done).error());
  TruncateWal();
  return true;
}

std::uintmax_t WriteConnection::WalFileSizeBytes() const {
  std::error_code missing;
  const std::uintmax_t size = std::filesystem::file_size(wal_file_, missing);
  return missing ? 0 : size;
}

int WriteConnection::OnCommit(void* self, sqlite3*, const char*, int wal_pages) {
  static_cast<WriteConnection*>(self)->wal_pages_ = wal_pages;
  return SQLITE_OK;
}

}  // namespace portal::store
