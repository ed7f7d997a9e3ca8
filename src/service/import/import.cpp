#include "service/import/import.h"

#include <memory>
#include <utility>

#include "crypto/hash.h"
#include "service/import/csv_reader.h"
#include "service/import/import_batch.h"
#include "service/import/import_outcomes.h"
#include "service/import/import_rows.h"
#include "service/import/import_seen_ids.h"
#include "service/import/import_source.h"
#include "service/import/ndjson_reader.h"
#include "store/reader.h"
#include "store/writer.h"

namespace portal::service {
namespace {

constexpr const char* kOtherRequest =
    "The Idempotency-Key belongs to a request of another target, type or body; use a new key for a new request";

/// The columns that rows of this kind are read by.
template <typename Rows>
RowColumns ColumnsFor(const ImportOptions& options) {
  return options.operation == ImportOperation::kDelete ? Rows::kColumns.KeysOnly() : Rows::kColumns;
}

RowColumns ColumnsFor(const ImportOptions& options) {
  switch (options.kind) {
    case ImportKind::kContacts:
      return ColumnsFor<ContactRows>(options);
    case ImportKind::kJobs:
      return ColumnsFor<JobRows>(options);
    case ImportKind::kFiles:
      break;
  }
  return ColumnsFor<FileRows>(options);
}

std::unique_ptr<ImportRows> MakeReader(const ImportOptions& options, ImportSource& source, const RowColumns& columns) {
  if (options.format == ImportFormat::kCsv) {
    return std::make_unique<CsvReader>(source, columns, options.ignore_unknown_columns);
  }
  return std::make_unique<NdjsonReader>(source, columns, options.ignore_unknown_columns);
}

RowFate FateOf(store::UpsertOutcome outcome) {
  switch (outcome) {
    case store::UpsertOutcome::kInserted:
      return RowFate::kInserted;
    case store::UpsertOutcome::kUpdated:
      return RowFate::kUpdated;
    case store::UpsertOutcome::kUnchanged:
      break;
  }
  return RowFate::kUnchanged;
}

/// Is it the row that the store refuses? It then takes the next one, or has remembered that it cannot.
bool IsRowsFault(base::ErrorCode code) {
  return code == base::ErrorCode::kValidation || code == base::ErrorCode::kConflict ||
         code == base::ErrorCode::kNotFound || code == base::ErrorCode::kStorageFull;
}

/// Batches from input to store. A batch is read whole before its transaction begins, so that a slow input
/// holds up no other writer.
template <typename Rows>
class Importer {
 public:
  Importer(ImportSource& source, const ImportOptions& options, const base::TenantId& tenant, store::Database& database,
           const base::Clock& clock, const ImportKey* key)
      : options_(options),
        tenant_(tenant),
        writer_(database.writer()),
        clock_(clock),
        key_(key),
        columns_(ColumnsFor<Rows>(options)),
        source_(source),
        rows_(MakeReader(options, source_, columns_)) {
    if (key_) source_.DigestInto(digest_);
  }

  ImportSummary Run(ImportListener& listener) {
    while (!ended_) {
      batch_.Clear();
      Fill();
      // Half of a batch must not be kept for the whole one.
      if (key_ && source_.failure()) break;
      if (!Write(listener)) {
        for (const auto& refused : batch_.refused) CountRejected(refused.why);
        break;
      }
      Report(listener);
      summary_.bytes = source_.bytes_read();
      if (!listener.Batch(summary_)) break;
    }
    if (!summary_.failure) summary_.failure = source_.failure();
    return std::move(summary_);
  }

 private:
  using Batch = ImportBatch<Rows>;
  using Entry = typename Batch::Entry;

  bool Deleting() const { return options_.operation == ImportOperation::kDelete; }
  bool StopsAtBadRows() const { return options_.on_bad_row == OnBadRow::kStop; }

  void Fill() {
    while (!ended_ && batch_.size() < options_.batch_rows && batch_.refused.size() < options_.batch_rows) {
      const ImportRows::Outcome outcome = rows_->Next();
      const bool is_row = outcome == ImportRows::Outcome::kRow || outcome == ImportRows::Outcome::kBadRow;
      if (is_row && read_++ == options_.max_rows) return EndAtMost();
      switch (outcome) {
        case ImportRows::Outcome::kEnd:
          ended_ = true;
          break;
        case ImportRows::Outcome::kBroken:
          Reject(std::nullopt, rows_->problem());
          Stop(rows_->problem().line);
          break;
        case ImportRows::Outcome::kBadRow:
          Reject(std::nullopt, rows_->problem());
          break;
        case ImportRows::Outcome::kRow:
          TakeRow();
          break;
      }
    }
  }

  void EndAtMost() {
    ended_ = true;
    summary_.failure = base::Error{base::ErrorCode::kPayloadTooLarge,
                                   "More than " + std::to_string(options_.max_rows) + " rows: those before line " +
                                       std::to_string(rows_->line()) +
                                       " are done; send the others, from that line on, in requests of their own",
                                   {},
                                   {}};
  }

  void TakeRow() {
    Entry& entry = batch_.Next();
    complaints_.clear();
    if (Deleting()) {
      Rows::ReadKey(rows_->cells(), entry.model, complaints_);
    } else {
      Rows::Read(rows_->cells(), entry.model, entry.given, complaints_);
    }
    if (!complaints_.empty()) return RejectFor(complaints_.front().column, complaints_.front().message);
    if (const std::uint64_t first = FirstLineOf(entry.model); first != 0) {
      return RejectFor(Rows::kIdColumn, "\"" + entry.model.id.value() + "\" is also the id of line " +
                                            std::to_string(first) + "; keep one of them");
    }
    entry.line = rows_->line();
    entry.place = rows_->Place(Rows::kReferenceColumn);
    batch_.Keep();
  }

  /// The line on which the row was before, or 0. To delete one twice does no harm and needs no memory.
  std::uint64_t FirstLineOf(const typename Rows::Model& row) {
    return Deleting() ? 0 : seen_.Note(Rows::Distinct(row, scratch_), rows_->line());
  }

  void RejectFor(std::size_t column, const std::string& message) {
    const RowCell& id = rows_->cell(Rows::kIdColumn);
    Reject(id.null ? std::nullopt : std::optional<std::string>(id.text), rows_->Complain(column, message));
  }

  void Reject(std::optional<std::string> id, BadRow why) {
    if (StopsAtBadRows()) Stop(why.line);
    batch_.refused.push_back({rows_->line(), std::move(id), std::move(why)});
  }

  void Stop(std::uint64_t line) {
    ended_ = true;
    summary_.stopped_at_line = line;
  }

  /// The batch in one transaction. What counts is counted once it is committed.
  bool Write(ImportListener& listener) {
    // A key's first batch is kept whatever is in it: it says whose the key is.
    const bool nothing_to_keep = !key_ || (batch_.refused.empty() && number_ > 0);
    if (batch_.size() == 0 && nothing_to_keep) return true;
    if (auto allowed = listener.MayWrite(); !allowed) return FailWith(std::move(allowed).error());
    const crypto::Sha256Digest rows_hash = key_ ? digest_.Finish() : crypto::Sha256Digest{};
    replayed_ = false;
    const base::Status written = writer_.Write([&](store::WriteTransaction& transaction) -> base::Status {
      if (!key_) return Change(transaction);
      auto kept = transaction.FindFeedBatch(tenant_, key_->text, number_);
      if (!kept) return base::Fail(std::move(kept).error());
      if (*kept) return Replay(**kept, rows_hash);
      if (auto changed = Change(transaction); !changed) return changed;
      return Keep(transaction, rows_hash);
    });
    ++number_;
    return written ? true : FailWith(written.error());
  }

  bool FailWith(base::Error error) {
    summary_.failure = std::move(error);
    summary_.stopped_at_line.reset();  // rows before it are not in either
    return false;
  }

  base::Status Change(store::WriteTransaction& transaction) {
    // Under the write lock: in the order in which transactions become visible, so that whoever asks for what
    // changed since the last row it saw misses none.
    const base::WallTime now = clock_.Wall();
    for (std::size_t i = 0; i < batch_.size(); ++i) {
      Entry& entry = batch_[i];
      auto fate = Deleting() ? Delete(transaction, entry) : Upsert(transaction, entry, now);
      if (!fate && !IsRowsFault(fate.error().code)) return base::Fail(std::move(fate).error());
      entry.fate = fate.value_or(RowFate::kRejected);
      ++batch_.decided;
      if (fate) continue;
      entry.place.message = Rows::Complaint(fate.error(), entry.model);
      if (StopsAtBadRows()) return StopAt(entry);
    }
    return {};
  }

  static base::Result<RowFate> Map(base::Result<store::UpsertOutcome> outcome) {
    if (!outcome) return base::Fail(std::move(outcome).error());
    return FateOf(*outcome);
  }
  base::Result<RowFate> Upsert(store::WriteTransaction& transaction, Entry& entry, base::WallTime now) {
    Rows::FillTimes(now, entry.given, entry.model);
    return Map(Rows::Upsert(transaction, tenant_, entry.model, entry.given));
  }
  /// What is not there any more is as it should be.
  base::Result<RowFate> Delete(store::WriteTransaction& transaction, Entry& entry) {
    auto deleted = Rows::Delete(transaction, tenant_, Rows::KeyOf(entry.model));
    if (deleted) return RowFate::kDeleted;
    if (deleted.error().code == base::ErrorCode::kNotFound) return RowFate::kUnchanged;
    return base::Fail(std::move(deleted).error());
  }

  /// The store has refused the entry, and no row behind it counts, nor what the reader says of them.
  base::Status StopAt(const Entry& entry) {
    batch_.refused.clear();
    Stop(entry.place.line);
    return {};
  }

  base::Status Keep(store::WriteTransaction& transaction, const crypto::Sha256Digest& rows_hash) {
    ImportOutcomes outcomes;
    std::size_t bad = 0;
    batch_.InOrder([&](std::uint64_t, const auto&, const Entry* entry) {
      outcomes.Add(entry ? entry->fate : RowFate::kRejected,
                   entry ? entry->place.message : batch_.refused[bad++].why.message);
    });
    return transaction.KeepFeedBatch(tenant_, key_->text, number_,
                                     {.request_hash = key_->request_hash,
                                      .rows_hash = rows_hash,
                                      .outcomes = outcomes.letters(),
                                      .complaints = outcomes.complaints(),
                                      .created_at = clock_.Wall()});
  }
  /// Takes the fates that the batch had the first time.
  base::Status Replay(const store::FeedBatch& kept, const crypto::Sha256Digest& rows_hash) {
    if (kept.request_hash != key_->request_hash || kept.rows_hash != rows_hash) {
      return base::Fail(base::ErrorCode::kConflict, kOtherRequest);
    }
    const auto outcomes = ImportOutcomes::Read(kept.outcomes, kept.complaints);
    if (!outcomes) return base::Fail(outcomes.error());
    std::size_t row = 0;
    std::size_t rejected = 0;
    const Entry* last = nullptr;
    batch_.decided = batch_.size();
    std::size_t decided = 0;
    batch_.InOrder([&](std::uint64_t, const auto&, Entry* entry) {
      if (row == outcomes->size()) return;
      const RowFate fate = outcomes->fate(row++);
      const std::string_view detail = fate == RowFate::kRejected ? outcomes->detail(rejected++) : std::string_view();
      last = entry;
      if (!entry) return;
      entry->fate = fate;
      entry->place.message = detail;
      ++decided;
    });
    batch_.decided = decided;
    replayed_ = true;
    if (StopsAtBadRows() && last && last->fate == RowFate::kRejected) return StopAt(*last);
    return {};
  }

  void Report(ImportListener& listener) {
    std::size_t bad = 0;
    batch_.InOrder([&](std::uint64_t line, const std::optional<std::string_view>& id, const Entry* entry) {
      const RowFate fate = entry ? entry->fate : RowFate::kRejected;
      if (replayed_) ++summary_.replayed;
      if (fate != RowFate::kRejected) {
        CountRow(fate, summary_);
        return listener.Row({line, id, fate, {}});
      }
      const BadRow& why = entry ? entry->place : batch_.refused[bad++].why;
      CountRejected(why);
      listener.Row({line, id, fate, why.message});
    });
  }

  void CountRejected(const BadRow& why) {
    CountRow(RowFate::kRejected, summary_);
    if (summary_.bad_rows.size() < ImportSummary::kMaxListed) summary_.bad_rows.push_back(why);
  }

  const ImportOptions& options_;
  const base::TenantId& tenant_;
  store::Writer& writer_;
  const base::Clock& clock_;
  const ImportKey* const key_;
  const RowColumns columns_;
  ImportSource& source_;
  crypto::Sha256Stream digest_;  // of the bytes of the batch at hand
  std::unique_ptr<ImportRows> rows_;
  ImportSeenIds seen_;
  Batch batch_;
  std::uint64_t read_ = 0;   // rows, bad ones included
  std::int64_t number_ = 0;  // of the batch at hand
  bool replayed_ = false;    // it was
  FieldComplaints complaints_;
  std::string scratch_;
  ImportSummary summary_;
  bool ended_ = false;
};

/// Hears of the progress alone.
class ProgressListener final : public ImportListener {
 public:
  explicit ProgressListener(base::FunctionRef<void(const ImportSummary&)> progress) : progress_(progress) {}
  void Row(const RowOutcome&) override {}
  bool Batch(const ImportSummary& so_far) override {
    progress_(so_far);
    return true;
  }

 private:
  base::FunctionRef<void(const ImportSummary&)> progress_;
};

}  // namespace

ImportSummary Import(ImportSource& source, const ImportOptions& options, const base::TenantId& tenant,
                     store::Database& database, const base::Clock& clock,
                     base::FunctionRef<void(const ImportSummary&)> progress) {
  ProgressListener listener(progress);
  return Import(source, options, tenant, database, clock, nullptr, listener);
}

ImportSummary Import(ImportSource& source, const ImportOptions& options, const base::TenantId& tenant,
                     store::Database& database, const base::Clock& clock, const ImportKey* key,
                     ImportListener& listener) {
  switch (options.kind) {
    case ImportKind::kContacts:
      return Importer<ContactRows>(source, options, tenant, database, clock, key).Run(listener);
    case ImportKind::kJobs:
      return Importer<JobRows>(source, options, tenant, database, clock, key).Run(listener);
    case ImportKind::kFiles:
      break;
  }
  return Importer<FileRows>(source, options, tenant, database, clock, key).Run(listener);
}

base::Status CheckImportBeginning(ImportSource& source, const ImportOptions& options) {
  const RowColumns columns = ColumnsFor(options);
  const auto rows = MakeReader(options, source, columns);
  const bool broken = rows->Begin() == ImportRows::Outcome::kBroken;
  if (source.failure()) return base::Fail(*source.failure());
  if (!broken) return {};
  const BadRow& problem = rows->problem();
  return base::Fail(base::ErrorCode::kValidation, "Line " + std::to_string(problem.line) + ", character " +
                                                      std::to_string(problem.column) + ": " + problem.message);
}

base::Status CheckImportKey(const ImportKey& key, const base::TenantId& tenant, store::Reader& reader) {
  const auto request_hash = reader.FindFeedRequest(tenant, key.text);
  if (!request_hash) return base::Fail(request_hash.error());
  if (!*request_hash || **request_hash == key.request_hash) return {};
  return base::Fail(base::ErrorCode::kConflict, kOtherRequest);
}

}  // namespace portal::service
