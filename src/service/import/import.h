#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/function_ref.h"
#include "base/ids.h"
#include "base/result.h"
#include "service/import/import_source.h"
#include "store/database.h"

namespace portal::service {

enum class ImportKind : std::uint8_t { kContacts, kJobs, kFiles };
enum class ImportOperation : std::uint8_t { kUpsert, kDelete };
enum class ImportFormat : std::uint8_t { kCsv, kNdjson };
enum class OnBadRow : std::uint8_t { kStop, kSkip };

struct ImportOptions {
  ImportKind kind = ImportKind::kContacts;
  ImportOperation operation = ImportOperation::kUpsert;
  ImportFormat format = ImportFormat::kCsv;
  OnBadRow on_bad_row = OnBadRow::kStop;
  std::size_t batch_rows = 10'000;      ///< rows a transaction, at least 1
  std::uint64_t max_rows = UINT64_MAX;  ///< bad ones included; what is behind them is not read. Bounds the memory.
  bool ignore_unknown_columns = false;
};

/// A place in the input and what is wrong there.
struct BadRow {
  std::uint64_t line = 0;    ///< from 1
  std::uint64_t column = 0;  ///< in characters, from 1
  std::string message;
};

/// What became of an import. Everything counted as written is committed.
struct ImportSummary {
  static constexpr std::size_t kMaxListed = 20;

  std::uint64_t inserted = 0;
  std::uint64_t updated = 0;
  std::uint64_t unchanged = 0;  ///< also: was to be deleted and is not there
  std::uint64_t deleted = 0;
  std::uint64_t rejected = 0;
  std::uint64_t replayed = 0;    ///< of all these, how many an earlier request with the same key had done
  std::uint64_t bytes = 0;       ///< read from the input
  std::vector<BadRow> bad_rows;  ///< the first kMaxListed, by line
  /// Where a stopped import stopped: every row before this line is in the store, none from here on.
  /// Unset where the store failed.
  std::optional<std::uint64_t> stopped_at_line;
  std::optional<base::Error> failure;  ///< of the store or the input; the rows counted are in nevertheless

  std::uint64_t written() const { return inserted + updated + unchanged + deleted; }
};

enum class RowFate : std::uint8_t { kInserted, kUpdated, kUnchanged, kDeleted, kRejected };

/// What became of one row, once that is on disk. Views die with the call that hands it out.
struct RowOutcome {
  std::uint64_t line = 0;              ///< on which the row begins
  std::optional<std::string_view> id;  ///< nullopt: it cannot be told
  RowFate fate = RowFate::kRejected;
  std::string_view detail;  ///< why it was rejected
};

/// Hears of an import as it goes, never with the write lock held.
class ImportListener {
 public:
  virtual ~ImportListener() = default;
  /// Before each batch is written. An error ends the import here, and is its failure.
  virtual base::Status MayWrite() { return {}; }
  /// Each row of a batch that is committed, in the input's order.
  virtual void Row(const RowOutcome& outcome) = 0;
  /// After each batch. False ends the import here.
  virtual bool Batch(const ImportSummary& so_far) = 0;
};

/// Says that an import is the same one as another, so that what the first has done is not done again. The outcomes of
/// each batch are kept with its rows, in one transaction, until the purge lets go of
/// them a day later.
struct ImportKey {
  std::string text;                              ///< `Idempotency-Key`
  std::array<unsigned char, 32> request_hash{};  ///< of all that makes the request what it is, its body included
};

/// Reads rows from `source` to its end and upserts them by id, or deletes them, a transaction per batch; safe to run
/// again, and beside a serving process. A bad row either stops the import, with every row before it committed, or is
/// listed and skipped. Rows without `created_at` or `updated_at` keep what the store has; new or changed
/// ones get the time at which their batch is written. The store's write lock is never held while waiting for input.
/// `progress` is called after each batch.
ImportSummary Import(ImportSource& source, const ImportOptions& options, const base::TenantId& tenant,
                     store::Database& database, const base::Clock& clock,
                     base::FunctionRef<void(const ImportSummary&)> progress);

/// The same with each row's outcome. With a `key` (null: none), batches that an earlier import of that key has
/// committed are not written again: their outcomes are handed out as they were. `failure` is kConflict where the key
/// belongs to another request, or the batches do not match.
ImportSummary Import(ImportSource& source, const ImportOptions& options, const base::TenantId& tenant,
                     store::Database& database, const base::Clock& clock, const ImportKey* key,
                     ImportListener& listener);

/// Can rows be read from the beginning of `source`: is it UTF-8, and does a CSV's first line name the right columns?
/// kValidation with the place; what `source` says where it cannot be read. Consumes the beginning.
base::Status CheckImportBeginning(ImportSource& source, const ImportOptions& options);

/// kConflict where the key belongs to another request: to be told before an answer begins.
base::Status CheckImportKey(const ImportKey& key, const base::TenantId& tenant, store::Reader& reader);

}  // namespace portal::service
