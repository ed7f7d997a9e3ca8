#include "service/import.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <memory>
#include <utility>

#include "service/csv_reader.h"
#include "service/import_batch.h"
#include "service/import_rows.h"
#include "service/import_seen_ids.h"
#include "service/import_source.h"
#include "service/ndjson_reader.h"
#include "store/writer.h"

namespace portal::service {
namespace {

std::unique_ptr<ImportRows> MakeReader(const ImportOptions& options, ImportSource& source,
                                       const ImportColumns& columns) {
  if (options.format == ImportFormat::kCsv) {
    return std::make_unique<CsvReader>(source, columns, options.ignore_unknown_columns);
  }
  return std::make_unique<NdjsonReader>(source, columns, options.ignore_unknown_columns);
}

/// Batches from input to store. A batch is read whole before its transaction begins, so that a slow input
/// holds up no other writer.
template <typename Rows>
class Importer {
 public:
  Importer(ImportSource& source, const ImportOptions& options, const base::TenantId& tenant, store::Database& database,
           const base::Clock& clock)
      : options_(options),
        tenant_(tenant),
        writer_(database.writer()),
        clock_(clock),
        source_(source),
        rows_(MakeReader(options, source_, Rows::kColumns)) {}

  ImportSummary Run(base::FunctionRef<void(const ImportSummary&)> progress) {
    while (!ended_) {
      batch_.Clear();
      Fill();
      const bool written = Write();
      CountBadRows();
      if (!written) break;
      summary_.bytes = source_.bytes_read();
      progress(summary_);
    }
    if (!summary_.failure) summary_.failure = source_.failure();
    return std::move(summary_);
  }

 private:
  void Fill() {
    while (!ended_ && batch_.size() < options_.batch_rows && batch_.bad_rows.size() < options_.batch_rows) {
      switch (rows_->Next()) {
        case ImportRows::Outcome::kEnd:
          ended_ = true;
          break;
        case ImportRows::Outcome::kBroken:
          Stop(rows_->problem());
          break;
        case ImportRows::Outcome::kBadRow:
          Reject(rows_->problem());
          break;
        case ImportRows::Outcome::kRow:
          TakeRow();
          break;
      }
    }
  }

  void TakeRow() {
    auto& entry = batch_.Next();
    if (auto complaint = Rows::Read(*rows_, entry.model, entry.given)) return Reject(std::move(*complaint));
    if (const std::uint64_t first = seen_.Note(entry.model.id.value(), rows_->line()); first != 0) {
      return Reject(rows_->Complain(Rows::kIdColumn, "\"" + entry.model.id.value() + "\" is also the id of line " +
                                                         std::to_string(first) + "; keep one of them"));
    }
    entry.place = rows_->Place(Rows::kReferenceColumn);
    batch_.Keep();
  }

  void Reject(BadRow row) {
    if (options_.on_bad_row == OnBadRow::kStop) return Stop(std::move(row));
    batch_.bad_rows.push_back(std::move(row));
  }

  void Stop(BadRow row) {
    ended_ = true;
    summary_.stopped_at_line = row.line;
    batch_.bad_rows.push_back(std::move(row));
  }

  /// The batch in one transaction. What counts is counted once it is committed.
  bool Write() {
    if (batch_.size() == 0) return true;
    std::array<std::uint64_t, 3> outcomes{};
    std::vector<BadRow> refused;
    const base::Status written = writer_.Write([&](store::WriteTransaction& transaction) -> base::Status {
      // Under the write lock: in the order in which transactions become visible, so that whoever asks for what
      // changed since the last row it saw misses none.
      const base::WallTime now = clock_.Wall();
      for (std::size_t i = 0; i < batch_.size(); ++i) {
        auto& entry = batch_[i];
        FillTimes(now, entry.given, entry.model.created_at, entry.model.updated_at);
        const auto outcome = Rows::Upsert(transaction, tenant_, entry.model, entry.given);
        if (outcome) {
          ++outcomes[static_cast<std::size_t>(*outcome)];
          continue;
        }
        if (outcome.error().code != base::ErrorCode::kValidation) return base::Fail(outcome.error());
        refused.push_back({entry.place.line, entry.place.column, outcome.error().detail});
        if (options_.on_bad_row == OnBadRow::kStop) break;
      }
      return {};
    });
    if (!written) {
      summary_.failure = written.error();
      summary_.stopped_at_line.reset();  // rows before it are not in either
      return false;
    }
    summary_.inserted += outcomes[static_cast<std::size_t>(store::UpsertOutcome::kInserted)];
    summary_.updated += outcomes[static_cast<std::size_t>(store::UpsertOutcome::kUpdated)];
    summary_.unchanged += outcomes[static_cast<std::size_t>(store::UpsertOutcome::kUnchanged)];
    if (!refused.empty()) Refused(std::move(refused));
    return true;
  }

  void Refused(std::vector<BadRow> refused) {
    if (options_.on_bad_row == OnBadRow::kStop) {
      batch_.bad_rows.clear();  // the reader's complaint is behind the store's, and nothing behind that counts
      Stop(std::move(refused.front()));
      return;
    }
    std::ranges::move(refused, std::back_inserter(batch_.bad_rows));
    std::ranges::stable_sort(batch_.bad_rows, {}, &BadRow::line);
  }

  void CountBadRows() {
    summary_.rejected += batch_.bad_rows.size();
    for (BadRow& row : batch_.bad_rows) {
      if (summary_.bad_rows.size() == ImportSummary::kMaxListed) return;
      summary_.bad_rows.push_back(std::move(row));
    }
  }

  const ImportOptions& options_;
  const base::TenantId& tenant_;
  store::Writer& writer_;
  const base::Clock& clock_;
  ImportSource& source_;
  std::unique_ptr<ImportRows> rows_;
  ImportSeenIds seen_;
  ImportBatch<Rows> batch_;
  ImportSummary summary_;
  bool ended_ = false;
};

}  // namespace

ImportSummary Import(ImportSource& source, const ImportOptions& options, const base::TenantId& tenant,
                     store::Database& database, const base::Clock& clock,
                     base::FunctionRef<void(const ImportSummary&)> progress) {
  if (options.kind == ImportKind::kContacts) {
    return Importer<ContactRows>(source, options, tenant, database, clock).Run(progress);
  }
  return Importer<JobRows>(source, options, tenant, database, clock).Run(progress);
}

}  // namespace portal::service
