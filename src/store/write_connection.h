#pragma once

#include <SQLiteCpp/Database.h>

#include <filesystem>
#include <optional>
#include <type_traits>

#include "base/clock.h"
#include "store/blob_writer.h"
#include "store/contact_writer.h"
#include "store/feed_batches.h"
#include "store/file_writer.h"
#include "store/injected_fault.h"
#include "store/job_writer.h"
#include "store/ledger.h"
#include "store/page_scrub.h"
#include "store/purge_writer.h"
#include "store/search_words.h"
#include "store/sqlite_error.h"
#include "store/statement.h"
#include "store/tenant_writer.h"

namespace portal::store {

/// The one connection of a process that writes, with all that writes through it. Every use needs the write
/// lock, which also makes callers take turns: not thread-safe of itself.
class WriteConnection {
 public:
  /// `faults`: borrowed; null but in test mode.
  WriteConnection(SQLite::Database db, std::filesystem::path wal_file, const base::Clock& clock,
                  const InjectedFaults* faults);
  WriteConnection(const WriteConnection&) = delete;
  WriteConnection& operator=(const WriteConnection&) = delete;

  sqlite3* handle() { return db_.getHandle(); }
  base::WallTime Now() const { return clock_.Wall(); }

  void Begin();
  /// Settles the ledger first: kNotFound as Ledger::Settle, with nothing committed.
  base::Status Commit();
  void RollBack() noexcept;

  /// Runs one change of the open transaction and turns SQLite's exceptions into errors. Such a failure may
  /// have undone more than its own change, so it is remembered: every later change of the transaction fails
  /// alike, and it must not be committed.
  template <typename Work>
  std::invoke_result_t<Work> Catch(Work&& work) {
    if (failure_) return base::Fail(*failure_);  // SQLite may have rolled back: this would commit on its own
    try {
      return work();
    } catch (const SQLite::Exception& exception) {
      failure_ = ToError(exception, handle());
      return base::Fail(*failure_);
    }
  }
  const std::optional<base::Error>& failure() const { return failure_; }

  /// Copies what no reader needs any more from the write-ahead log into the database, once a commit left
  /// more than 4 MiB there. Throws SQLite::Exception.
  void CheckpointIfDue();
  /// Tries to empty the write-ahead log's file; readers in the way are not waited for.
  void TruncateWal();
  /// Overwrites what pages hold without using it, and has every process forget the pages that it has in memory.
  /// Goes on from the page that is noted; where none is, there is nothing to be done.
  base::Result<ScrubStep> ScrubPages(std::uint32_t most);
  /// Tries to empty the log where that is noted to be done. False: it is not, or somebody is in the way.
  base::Result<bool> EmptyLog();
  /// By `stat`: no descriptor of the database's files is ever opened beside SQLite.
  std::uintmax_t WalFileSizeBytes() const;
  bool has_committed() const { return has_committed_; }

 private:
  static int OnCommit(void* self, sqlite3* db, const char* name, int wal_pages);

  SQLite::Database db_;
  const std::filesystem::path wal_file_;
  const base::Clock& clock_;
  const InjectedFaults* const faults_;
  int wal_pages_ = 0;  // in use in the write-ahead log; its file is only ever as large as it once was
  bool has_committed_ = false;
  std::optional<base::Error> failure_;
  LazyStatement begin_;
  LazyStatement commit_;
  Ledger ledger_;
  SearchWords words_;

 public:
  ContactWriter contacts;
  JobWriter jobs;
  BlobWriter blobs;
  FileWriter files;
  TenantWriter tenants;
  PurgeWriter purge;
  FeedBatches feed_batches;
};

}  // namespace portal::store
