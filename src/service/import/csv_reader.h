#pragma once

#include <span>
#include <string>
#include <vector>

#include "service/import/import_rows.h"

namespace portal::service {

/// CSV as RFC 4180 has it, in UTF-8 with or without a byte order mark, lines ending in LF or CRLF. The first
/// record names the columns, in any order. An empty field is null; empty lines are skipped.
class CsvReader final : public ImportRows {
 public:
  using ImportRows::ImportRows;
  Outcome Next() override;

 private:
  struct Field {
    std::string_view text;
    std::size_t offset = 0;  // in the record
  };
  enum class Parse : std::uint8_t { kComplete, kNeedMore, kBad, kOpenQuote };

  /// Splits the record at the beginning of `text` into `Fields()`; its length with the line end is `length_`.
  Parse ParseRecord(std::string_view text, bool at_end);
  Parse ParseQuoted(std::string_view text, bool at_end, std::size_t& at);
  Parse Complaint(std::size_t offset, std::string message);
  void AddField(std::string_view text, std::size_t offset) {
    if (field_count_ == fields_.size()) fields_.resize(fields_.size() + 16);
    fields_[field_count_++] = {text, offset};
  }
  std::span<const Field> Fields() const { return {fields_.data(), field_count_}; }

  /// The next record in `Fields()`; empty lines are no records.
  Outcome NextRecord();
  Outcome Refuse(Parse outcome, std::string_view pending);
  Outcome ReadBeginning() override;
  Outcome CheckColumns();

  std::vector<Field> fields_;  // the first field_count_ of them; never shrinks
  std::size_t field_count_ = 0;
  bool quoted_ = false;                 // only quotes let a record span lines
  std::vector<std::size_t> column_of_;  // of each field, in RowColumns; kNone: ignored
  std::string unescaped_;               // fields with doubled quotes; reserved once, so that views stay good
  std::size_t length_ = 0;
  std::size_t complaint_offset_ = 0;
  std::string complaint_;
  std::uint64_t next_line_ = 1;
  bool done_ = false;
};

}  // namespace portal::service
