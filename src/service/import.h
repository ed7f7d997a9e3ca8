#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/function_ref.h"
#include "base/ids.h"
#include "base/result.h"
#include "service/import_source.h"
#include "store/database.h"

namespace portal::service {

enum class ImportKind : std::uint8_t { kContacts, kJobs };
enum class ImportFormat : std::uint8_t { kCsv, kNdjson };
enum class OnBadRow : std::uint8_t { kStop, kSkip };

struct ImportOptions {
  ImportKind kind = ImportKind::kContacts;
  ImportFormat format = ImportFormat::kCsv;
  OnBadRow on_bad_row = OnBadRow::kStop;
  std::size_t batch_rows = 10'000;  ///< rows a transaction, at least 1
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
  std::uint64_t unchanged = 0;
  std::uint64_t rejected = 0;
  std::uint64_t bytes = 0;       ///< read from the input
  std::vector<BadRow> bad_rows;  ///< the first kMaxListed, by line
  /// Where a stopped import stopped: every row before this line is in the store, none from here on.
  /// Unset where the store failed.
  std::optional<std::uint64_t> stopped_at_line;
  std::optional<base::Error> failure;  ///< of the store or the input; the rows counted are in nevertheless

  std::uint64_t written() const { return inserted + updated + unchanged; }
};

/// Reads rows from `source` to its end and upserts them by id, a transaction per batch; safe to run again, and
/// beside a serving process. A bad row either stops the import, with every row before it committed, or is
/// listed and skipped. Rows without `created_at` or `updated_at` keep what the store has; new or changed
/// ones get the time at which their batch is written. The store's write lock is never held while waiting for input.
/// `progress` is called after each batch.
ImportSummary Import(ImportSource& source, const ImportOptions& options, const base::TenantId& tenant,
                     store::Database& database, const base::Clock& clock,
                     base::FunctionRef<void(const ImportSummary&)> progress);

}  // namespace portal::service
