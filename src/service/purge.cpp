#include "service/purge.h"

#include <algorithm>
#include <span>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "service/purge_due.h"
#include "store/backup_lock.h"
#include "store/notes.h"

namespace portal::service {
namespace {

using std::chrono::hours;

constexpr std::int64_t kRowsAStep = 2'000;
constexpr std::int64_t kSearchPagesAStep = 500;
constexpr std::uint32_t kScrubbedPagesAStep = 1'024;
// A reader has its snapshot for five seconds at the most. Whom nobody waits for leaves the rest to its next round.
constexpr std::chrono::seconds kReadersWait{5};
constexpr std::chrono::milliseconds kReadersPause{10};
constexpr hours kFeedBatchesKept{24};
constexpr hours kBetweenSweeps{24};
// A blob gets its row within its own transaction. Demo data does not: its blobs come first.
constexpr hours kOrphanAge{1};
// They are the only way back from an upgrade.
constexpr hours kUpgradeCopiesKept{24};

}  // namespace

/// One purge on its way.
class Purge::Running {
 public:
  Running(Purge& purge, Due due, Between between)
      : purge_(purge), due_(due), between_(between), begun_(purge.clock_.Wall()), steady_(purge.clock_.Unmoved()) {
    report_.at = begun_;
    report_.all = due == Due::kAll;
    until_ = report_.all ? begun_ : begun_ - purge.retention_;
  }

  base::Result<PurgeReport> Run() {
    for (const auto part : {&Running::Rows, &Running::FeedBatches, &Running::Search, &Running::Orphans,
                            &Running::Leftovers, &Running::Pages, &Running::Log}) {
      if (stopped_) break;
      if (base::Status done = (this->*part)(); !done) return base::Fail(std::move(done).error());
    }
    return Conclude();
  }

 private:
  base::Status Rows();
  base::Status FeedBatches();
  base::Status Search();
  base::Status MergeAll(store::SearchTable table, bool& merged);
  base::Status Orphans();
  base::Status SweepShard(unsigned char first_byte);
  /// Those of the blobs that no tenant has.
  static base::Result<std::vector<store::PurgedBlob>> Unnamed(store::WriteTransaction& transaction,
                                                              std::span<const store::PurgedBlob> blobs);
  base::Status Leftovers();
  base::Status Pages();
  base::Status Log();
  base::Result<PurgeReport> Conclude();

  /// Nullopt where somebody needs the blobs to stay, which the report then says.
  base::Result<std::optional<store::BackupLock>> LockBlobs();
  void Note(const store::PurgedRows& rows);
  void Unlink(const std::vector<store::PurgedBlob>& blobs, bool orphans);
  /// One transaction, for which the blobs may be locked, and the turn of others, for which they are not.
  base::Status Step(base::FunctionRef<base::Status(store::WriteTransaction&)> work, base::FunctionRef<void()> after,
                    std::optional<store::BackupLock> blobs = std::nullopt);
  base::Status Step(base::FunctionRef<base::Status(store::WriteTransaction&)> work) {
    return Step(work, [] {});
  }

  Purge& purge_;
  const Due due_;
  Between between_;
  const base::WallTime begun_;
  const base::MonotonicTime steady_;
  base::WallTime until_;
  PurgeReport report_;
  bool stopped_ = false;
  bool held_up_ = false;  // by readers
};

base::Status Purge::Running::Step(base::FunctionRef<base::Status(store::WriteTransaction&)> work,
                                  base::FunctionRef<void()> after, std::optional<store::BackupLock> blobs) {
  const base::MonotonicTime start = purge_.clock_.Unmoved();
  if (base::Status done = purge_.database_.writer().Write(work, after); !done) return done;
  blobs.reset();
  stopped_ = !between_(report_, purge_.clock_.Unmoved() - start);
  return {};
}

base::Result<std::optional<store::BackupLock>> Purge::Running::LockBlobs() {
  auto lock = store::BackupLock::RemoveBlobs(purge_.data_folder_);
  if (lock) return std::optional(*std::move(lock));
  if (lock.error().code != base::ErrorCode::kConflict) return base::Fail(std::move(lock).error());
  report_.blobs_needed = true;
  return std::optional<store::BackupLock>();
}

/// Blobs last: only they, and the tenants that still have some, need a lock that backups may have.
base::Status Purge::Running::Rows() {
  bool more = true;
  bool blobs = false;
  while (more && !stopped_) {
    std::optional<store::BackupLock> lock;
    if (blobs) {
      auto locked = LockBlobs();
      if (!locked) return base::Fail(std::move(locked).error());
      if (!*locked) return {};
      lock = *std::move(locked);
    }
    store::PurgedRows rows;
    const store::PurgeStep step{
        .until = until_, .uploads_until = std::min(until_, begun_ - kUploadGrace), .most = kRowsAStep, .blobs = blobs};
    const base::Status done = Step(
        [&](store::WriteTransaction& transaction) -> base::Status {
          auto purged = transaction.PurgeRows(step);
          if (!purged) return base::Fail(std::move(purged).error());
          rows = *std::move(purged);
          return {};
        },
        [&] {
          Note(rows);
          Unlink(rows.unnamed, false);
        },
        std::move(lock));
    if (!done) return done;
    blobs = blobs || rows.blobs_wait;
    more = rows.more || rows.blobs_wait;
  }
  return {};
}

void Purge::Running::Note(const store::PurgedRows& rows) {
  report_.removed.tenants += rows.tenants;
  report_.removed.contacts += rows.contacts;
  report_.removed.jobs += rows.jobs;
  report_.removed.files += rows.files;
  report_.removed.blobs += rows.blobs;
}

/// After the commit and under the write lock: nobody can name one before it is gone. What a crash leaves is an orphan.
void Purge::Running::Unlink(const std::vector<store::PurgedBlob>& blobs, bool orphans) {
  for (const store::PurgedBlob& blob : blobs) {
    const auto removed = purge_.blobs_.Remove(blob.sha256);
    if (!removed) {
      purge_.logger_.Warning("blob_not_removed", {{"reason", std::string_view(removed.error().internal)}});
    } else if (*removed) {
      ++report_.removed.blob_files;
      report_.removed.orphans += orphans;
      report_.removed.blob_bytes += blob.size_bytes;
    }
  }
}

base::Status Purge::Running::FeedBatches() {
  std::int64_t removed = kRowsAStep;
  while (removed >= kRowsAStep && !stopped_) {
    const base::Status done = Step([&](store::WriteTransaction& transaction) -> base::Status {
      const auto forgotten = transaction.ForgetFeedBatches(begun_ - kFeedBatchesKept, kRowsAStep);
      if (!forgotten) return base::Fail(forgotten.error());
      removed = *forgotten;
      return {};
    });
    if (!done) return done;
    report_.removed.feed_batches += removed;
  }
  return {};
}

base::Status Purge::Running::Search() {
  if (base::Status done = MergeAll(store::SearchTable::kContacts, report_.contacts_search_merged); !done) return done;
  if (stopped_) return {};
  return MergeAll(store::SearchTable::kJobs, report_.jobs_search_merged);
}

base::Status Purge::Running::MergeAll(store::SearchTable table, bool& merged) {
  auto state = store::SearchMerge::kGoesOn;
  while (state == store::SearchMerge::kGoesOn && !stopped_) {
    const base::Status done = Step([&](store::WriteTransaction& transaction) -> base::Status {
      const auto now = transaction.MergeSearch(table, until_, kSearchPagesAStep);
      if (!now) return base::Fail(now.error());
      state = *now;
      return {};
    });
    if (!done) return done;
  }
  merged = state == store::SearchMerge::kDone;
  return {};
}

base::Status Purge::Running::Orphans() {
  std::optional<base::WallTime> swept;
  const base::Status read = Step([&](store::WriteTransaction& transaction) -> base::Status {
    auto found = transaction.FindSweep();
    if (!found) return base::Fail(std::move(found).error());
    swept = *found;
    return {};
  });
  if (!read) return read;
  if (!report_.all && !IsDueAgain(swept, begun_, kBetweenSweeps)) return {};
  // Nothing is to be listed as long as a backup runs.
  if (const auto locked = LockBlobs(); !locked) return base::Fail(locked.error());
  for (int byte = 0; byte < 256 && !stopped_ && !report_.blobs_needed; ++byte) {
    if (base::Status done = SweepShard(static_cast<unsigned char>(byte)); !done) return done;
  }
  if (stopped_ || report_.blobs_needed) return {};
  return Step([&](store::WriteTransaction& transaction) { return transaction.KeepSweep(begun_); });
}

base::Status Purge::Running::SweepShard(unsigned char first_byte) {
  std::vector<store::PurgedBlob> old;
  const base::Status listed = purge_.blobs_.ForEach(first_byte, [&](const blob::BlobStore::Found& found) {
    if (found.modified < begun_ - kOrphanAge) old.push_back({found.sha256, found.size_bytes});
  });
  if (!listed) return listed;
  for (std::size_t at = 0; at < old.size() && !stopped_; at += kRowsAStep) {
    const auto some = std::span(old).subspan(at, std::min<std::size_t>(old.size() - at, kRowsAStep));
    std::vector<store::PurgedBlob> orphans(some.begin(), some.end());
    const auto sift = [&](store::WriteTransaction& transaction) -> base::Status {
      auto unnamed = Unnamed(transaction, orphans);
      if (!unnamed) return base::Fail(std::move(unnamed).error());
      orphans = *std::move(unnamed);
      return {};
    };
    if (base::Status sifted = Step(sift); !sifted) return sifted;
    if (orphans.empty() || stopped_) continue;
    auto lock = LockBlobs();
    if (!lock) return base::Fail(std::move(lock).error());
    if (!*lock) return {};
    // Somebody may have named one meanwhile.
    const auto unlink = [&] { Unlink(orphans, true); };
    if (base::Status done = Step(sift, unlink, *std::move(lock)); !done) return done;
  }
  return {};
}

base::Result<std::vector<store::PurgedBlob>> Purge::Running::Unnamed(store::WriteTransaction& transaction,
                                                                     std::span<const store::PurgedBlob> blobs) {
  std::vector<store::PurgedBlob> unnamed;
  for (const store::PurgedBlob& blob : blobs) {
    const auto named = transaction.HasBlob(blob.sha256);
    if (!named) return base::Fail(named.error());
    if (!*named) unnamed.push_back(blob);
  }
  return unnamed;
}

/// What no row ever named, and the copies of the database as it was before an upgrade, deleted rows included.
base::Status Purge::Running::Leftovers() {
  report_.removed.uploads = purge_.blobs_.RemoveAbandoned();
  const auto kept = std::max<std::chrono::milliseconds>(purge_.retention_, kUpgradeCopiesKept);
  std::error_code error;
  std::filesystem::directory_iterator entry(purge_.data_folder_, error);
  for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
    if (!entry->path().filename().string().starts_with("portal.db.before-")) continue;
    std::error_code failed;  // where another purge was faster, for instance
    const auto age = std::filesystem::file_time_type::clock::now() - entry->last_write_time(failed);
    if (failed || (!report_.all && age < kept)) continue;
    if (std::filesystem::remove(entry->path(), failed)) ++report_.removed.upgrade_copies;
  }
  if (!error) return {};
  return base::Fail(base::ErrorCode::kUnavailable, "The data folder cannot be read: " + error.message(),
                    "list " + purge_.data_folder_.string() + ": " + error.message());
}

/// Last of what changes the database: rows that moved from page to page have left traces behind. What was to be done
/// is noted with what made it so, and how far that went with each step: no purge's end or failure forgets it.
base::Status Purge::Running::Pages() {
  store::ScrubState state;
  const base::Status read = Step([&](store::WriteTransaction& transaction) -> base::Status {
    auto found = transaction.ReadScrub();
    if (!found) return base::Fail(std::move(found).error());
    state = *found;
    return {};
  });
  if (!read) return read;
  const auto due = ScrubDue(state, begun_, purge_.retention_);
  if (!due || (due_ == Due::kInTurn && *due > begun_)) return {};
  auto unblocked = std::chrono::steady_clock::now();
  while (!report_.pages_overwritten && !stopped_ && !held_up_) {
    const base::MonotonicTime start = purge_.clock_.Unmoved();
    const auto step = purge_.database_.ScrubPages(kScrubbedPagesAStep);
    if (!step) return base::Fail(step.error());
    report_.bytes_overwritten += step->bytes_overwritten;
    report_.pages_overwritten = step->next == 0;
    stopped_ = !between_(report_, purge_.clock_.Unmoved() - start);
    if (!step->blocked) {
      unblocked = std::chrono::steady_clock::now();
    } else if (due_ == Due::kInTurn || std::chrono::steady_clock::now() - unblocked > kReadersWait) {
      held_up_ = true;
    } else {
      std::this_thread::sleep_for(kReadersPause);
    }
  }
  return {};
}

base::Status Purge::Running::Log() {
  const auto emptied = purge_.database_.EmptyLog();
  if (!emptied) return base::Fail(emptied.error());
  report_.log_emptied = *emptied;
  return {};
}

base::Result<PurgeReport> Purge::Running::Conclude() {
  const base::Status kept = purge_.database_.writer().Write([&](store::WriteTransaction& transaction) -> base::Status {
    const auto waiting = transaction.ReadPurgeBacklog();
    const auto oldest = transaction.FindOldestDeletion();
    const auto scrub = transaction.ReadScrub();
    if (!waiting || !oldest) return base::Fail(waiting ? oldest.error() : waiting.error());
    if (!scrub) return base::Fail(scrub.error());
    report_.waiting = *waiting;
    report_.next_due = PurgeDue(*oldest, *scrub, begun_, purge_.retention_);
    if (oldest->search_begun || scrub->log_waits) report_.next_due = begun_;
    report_.complete = !stopped_ && !held_up_ && scrub->next_page == 0 && !scrub->log_waits;
    report_.took = std::chrono::duration_cast<std::chrono::milliseconds>(purge_.clock_.Unmoved() - steady_);
    const bool worth_keeping = report_.DidSomething() || report_.pages_overwritten || report_.log_emptied;
    if (due_ == Due::kInTurn && !worth_keeping) return {};  // the last one says more
    return transaction.KeepNote(store::kPurgeReport, report_.Json());
  });
  if (!kept) return base::Fail(kept.error());
  if (report_.DidSomething()) {
    const PurgeReport::Removed& gone = report_.removed;
    purge_.logger_.Info("purged", {{"ms", std::int64_t{report_.took.count()}},
                                   {"tenants", gone.tenants},
                                   {"rows", gone.contacts + gone.jobs + gone.files + gone.feed_batches},
                                   {"blobs", gone.blob_files},
                                   {"bytes", gone.blob_bytes},
                                   {"waiting_blobs", report_.waiting.blobs},
                                   {"waiting_tenants", report_.waiting.tenants}});
  }
  return std::move(report_);
}

Purge::Purge(store::Database& database, const blob::BlobStore& blobs, std::filesystem::path data_folder,
             std::chrono::milliseconds retention, const base::Clock& clock, base::Logger& logger)
    : database_(database),
      blobs_(blobs),
      data_folder_(std::move(data_folder)),
      retention_(retention),
      clock_(clock),
      logger_(logger) {}

base::Result<bool> Purge::IsDue() {
  bool due = false;
  const base::WallTime now = clock_.Wall();
  const base::Status read = database_.writer().Write([&](store::WriteTransaction& transaction) -> base::Status {
    const auto oldest = transaction.FindOldestDeletion();
    const auto swept = transaction.FindSweep();
    const auto scrub = transaction.ReadScrub();
    if (!oldest || !swept) return base::Fail(oldest ? swept.error() : oldest.error());
    if (!scrub) return base::Fail(scrub.error());
    const auto first = PurgeDue(*oldest, *scrub, now, retention_);
    due = oldest->search_begun || scrub->log_waits || (first && *first <= now) ||
          (oldest->feed_batch && *oldest->feed_batch + kFeedBatchesKept < now) ||
          IsDueAgain(*swept, now, kBetweenSweeps);
    return {};
  });
  if (!read) return base::Fail(read.error());
  return due;
}

base::Result<PurgeReport> Purge::Run(Due due, Between between) { return Running(*this, due, between).Run(); }

base::Result<std::optional<std::string>> Purge::LastReport(store::Reader& reader) {
  return reader.FindNote(store::kPurgeReport);
}

}  // namespace portal::service
