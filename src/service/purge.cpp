#include "service/purge.h"

#include <algorithm>
#include <cstdlib>
#include <utility>
#include <vector>

#include "store/backup_lock.h"
#include "store/notes.h"

namespace portal::service {
namespace {

using std::chrono::hours;

constexpr std::int64_t kRowsAStep = 2'000;
constexpr std::int64_t kSearchPagesAStep = 500;
constexpr std::uint32_t kScrubbedPagesAStep = 1'024;
// A reader in the way has its snapshot for five seconds at the most; the next purge goes on.
constexpr int kScrubAttempts = 1'000;
constexpr hours kFeedBatchesKept{24};
constexpr hours kBetweenSweeps{24};
// A blob gets its row within its own transaction. Demo data does not: its blobs come first.
constexpr hours kOrphanAge{1};

std::optional<base::WallTime> Earliest(std::optional<base::WallTime> a, std::optional<base::WallTime> b) {
  if (!a || !b) return a ? a : b;
  return std::min(*a, *b);
}

std::optional<base::WallTime> Earliest(const store::OldestDeletion& oldest) {
  return Earliest(Earliest(oldest.tenant, oldest.blob), oldest.search);
}

}  // namespace

/// One purge on its way.
class Purge::Running {
 public:
  Running(Purge& purge, Due due, Between between)
      : purge_(purge), between_(between), begun_(purge.clock_.Wall()), steady_(purge.clock_.Monotonic()) {
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
    report_.complete = !stopped_;
    return Conclude();
  }

 private:
  base::Status Rows();
  base::Status FeedBatches();
  base::Status Search();
  base::Status MergeAll(store::SearchTable table, bool& merged);
  base::Status Orphans();
  base::Status SweepShard(unsigned char first_byte);
  base::Status Leftovers();
  base::Status Pages();
  base::Status Log();
  base::Result<PurgeReport> Conclude();

  void Note(const store::PurgedRows& rows);
  void Unlink(const std::vector<store::PurgedBlob>& blobs, bool orphans);
  /// One transaction, and the turn of others. False: it is time to stop.
  base::Status Step(base::FunctionRef<base::Status(store::WriteTransaction&)> work, base::FunctionRef<void()> after);
  base::Status Step(base::FunctionRef<base::Status(store::WriteTransaction&)> work) {
    return Step(work, [] {});
  }

  Purge& purge_;
  Between between_;
  const base::WallTime begun_;
  const base::MonotonicTime steady_;
  base::WallTime until_;
  PurgeReport report_;
  bool stopped_ = false;
};

base::Status Purge::Running::Step(base::FunctionRef<base::Status(store::WriteTransaction&)> work,
                                  base::FunctionRef<void()> after) {
  const base::MonotonicTime start = purge_.clock_.Monotonic();
  if (base::Status done = purge_.database_.writer().Write(work, after); !done) return done;
  stopped_ = !between_(report_, purge_.clock_.Monotonic() - start);
  return {};
}

base::Status Purge::Running::Rows() {
  bool more = true;
  while (more && !stopped_) {
    const auto lock = store::BackupLock::RemoveBlobs(purge_.data_folder_);
    if (!lock && lock.error().code != base::ErrorCode::kConflict) return base::Fail(lock.error());
    report_.blobs_needed = !lock;
    store::PurgedRows rows;
    const store::PurgeStep step{.until = until_, .most = kRowsAStep, .blobs = lock.has_value()};
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
        });
    if (!done) return done;
    more = rows.more;
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

/// After the commit and under the write lock: no row names these, and nobody can name one before it is gone. What a
/// crash leaves is an orphan.
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
  while (removed == kRowsAStep && !stopped_) {
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
  if (!report_.all && swept && *swept > begun_ - kBetweenSweeps) return {};
  for (int byte = 0; byte < 256 && !stopped_; ++byte) {
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
    const auto lock = store::BackupLock::RemoveBlobs(purge_.data_folder_);
    if (!lock && lock.error().code != base::ErrorCode::kConflict) return base::Fail(lock.error());
    report_.blobs_needed = report_.blobs_needed || !lock;
    if (!lock) return {};
    std::vector<store::PurgedBlob> orphans;
    const std::size_t end = std::min(old.size(), at + kRowsAStep);
    const base::Status done = Step(
        [&](store::WriteTransaction& transaction) -> base::Status {
          for (std::size_t i = at; i < end; ++i) {
            const auto named = transaction.HasBlob(old[i].sha256);
            if (!named) return base::Fail(named.error());
            if (!*named) orphans.push_back(old[i]);
          }
          return {};
        },
        [&] { Unlink(orphans, true); });
    if (!done) return done;
  }
  return {};
}

/// What no row ever named, and the copies of the database as it was before an upgrade, deleted rows included.
base::Status Purge::Running::Leftovers() {
  report_.removed.uploads = purge_.blobs_.RemoveAbandoned();
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(purge_.data_folder_, error)) {
    if (!entry.path().filename().string().starts_with("portal.db.before-")) continue;
    const auto age = std::filesystem::file_time_type::clock::now() - entry.last_write_time(error);
    if (error || (!report_.all && age < purge_.retention_)) continue;
    if (std::filesystem::remove(entry.path(), error)) ++report_.removed.upgrade_copies;
  }
  return {};
}

/// Last of what changes the database: rows that moved from page to page have left traces behind.
base::Status Purge::Running::Pages() {
  std::uint32_t page = 1;
  if (!report_.DidSomething()) {
    const base::Status read = Step([&](store::WriteTransaction& transaction) -> base::Status {
      const auto note = transaction.FindNote(store::kPagesScrubbed);
      if (!note) return base::Fail(note.error());
      page = *note ? static_cast<std::uint32_t>(std::strtoul((*note)->c_str(), nullptr, 10)) : 0;
      return {};
    });
    if (!read) return read;
  }
  int attempts = 0;
  while (page != 0 && !stopped_ && attempts < kScrubAttempts) {
    const base::MonotonicTime start = purge_.clock_.Monotonic();
    const auto step = purge_.database_.ScrubPages(page, kScrubbedPagesAStep);
    if (!step) return base::Fail(step.error());
    page = step->next;
    attempts = step->blocked ? attempts + 1 : 0;
    report_.bytes_overwritten += step->bytes_overwritten;
    report_.pages_overwritten = page == 0;
    stopped_ = !between_(report_, std::max<std::chrono::nanoseconds>(purge_.clock_.Monotonic() - start,
                                                                     std::chrono::milliseconds{step->blocked}));
  }
  return {};
}

base::Status Purge::Running::Log() {
  if (!report_.DidSomething() && !report_.pages_overwritten) return {};
  const auto emptied = purge_.database_.EmptyLog();
  if (!emptied) return base::Fail(emptied.error());
  report_.log_emptied = *emptied;
  return {};
}

base::Result<PurgeReport> Purge::Running::Conclude() {
  const base::Status kept = purge_.database_.writer().Write([&](store::WriteTransaction& transaction) -> base::Status {
    const auto waiting = transaction.ReadPurgeBacklog();
    const auto oldest = transaction.FindOldestDeletion();
    if (!waiting || !oldest) return base::Fail(waiting ? oldest.error() : waiting.error());
    report_.waiting = *waiting;
    if (const auto earliest = Earliest(*oldest)) report_.next_due = *earliest + purge_.retention_;
    if (oldest->search_begun) report_.next_due = begun_;
    report_.took = std::chrono::duration_cast<std::chrono::milliseconds>(purge_.clock_.Monotonic() - steady_);
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
    if (!oldest || !swept) return base::Fail(oldest ? swept.error() : oldest.error());
    const auto earliest = Earliest(*oldest);
    due = oldest->search_begun || (earliest && *earliest + retention_ <= now) ||
          (oldest->feed_batch && *oldest->feed_batch + kFeedBatchesKept < now) || !*swept ||
          **swept + kBetweenSweeps < now;
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
