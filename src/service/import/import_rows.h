#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "service/import/import.h"
#include "service/import/import_source.h"
#include "service/rows/flat_json.h"
#include "service/rows/row_columns.h"

namespace portal::service {

/// Longer ones are bad rows, as fields longer than kMaxFieldBytes are.
inline constexpr std::size_t kMaxRecordBytes = 1 << 20;

/// Rows of an input format, one at a time, as cells in the order of RowColumns. Cells are views that die
/// with the next call. Not thread-safe.
class ImportRows {
 public:
  enum class Outcome : std::uint8_t {
    kRow,
    kBadRow,  ///< see `problem()`; the next call goes on behind it
    kBroken,  ///< see `problem()`; nothing behind it can be understood
    kEnd,
  };

  ImportRows(ImportSource& source, const RowColumns& columns, bool ignore_unknown)
      : source_(source), columns_(columns), ignore_unknown_(ignore_unknown), cells_(columns.names.size()) {}
  virtual ~ImportRows() = default;
  ImportRows(const ImportRows&) = delete;
  ImportRows& operator=(const ImportRows&) = delete;

  /// Reads what comes before the first row, unless that is done. kRow: rows can follow; or kBroken, or kEnd where the
  /// source has failed.
  Outcome Begin() {
    if (!std::exchange(begun_, true)) beginning_ = ReadBeginning();
    return beginning_;
  }
  /// Calls Begin first.
  virtual Outcome Next() = 0;

  /// An absent column is a null cell.
  const RowCell& cell(std::size_t column) const { return cells_[column]; }
  std::span<const RowCell> cells() const { return cells_; }
  std::uint64_t line() const { return line_; }  ///< on which the row begins
  const BadRow& problem() const { return problem_; }
  /// A complaint about a cell of the row at hand, placed where that cell begins: `email: …`.
  BadRow Complain(std::size_t column, const std::string& message) const;
  /// Where a cell of the row at hand begins; no message.
  BadRow Place(std::size_t column) const { return At(cells_[column].offset, {}); }

 protected:
  virtual Outcome ReadBeginning() = 0;
  /// The row at hand, for positions: set before complaining. `line` is the one on which it begins.
  void SetRecord(std::string_view record, std::uint64_t line) {
    record_ = record;
    line_ = line;
  }
  /// Bytes that no text has, with their place: not UTF-8, or NUL.
  bool HasBadBytes();
  Outcome Bad(std::size_t offset, std::string message);
  Outcome Broken(std::size_t offset, std::string message);
  void ClearCells();
  /// Drops the input up to and with the next line feed. Counts no lines.
  void DiscardLine();
  /// Skips the byte order mark. False, with `problem()` set, where the input is no UTF-8 from its first bytes on.
  bool CheckBeginning();

  ImportSource& source_;
  const RowColumns& columns_;
  const bool ignore_unknown_;
  std::vector<RowCell> cells_;

 private:
  BadRow At(std::size_t offset, std::string message) const;

  std::string_view record_;
  std::uint64_t line_ = 1;
  BadRow problem_;
  bool begun_ = false;
  Outcome beginning_ = Outcome::kRow;
};

}  // namespace portal::service
