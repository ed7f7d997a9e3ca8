#pragma once

#include <cstdint>

#include "service/import/import_rows.h"
#include "service/rows/flat_json.h"

namespace portal::service {

/// NDJSON: one JSON object (RFC 8259) a line, in UTF-8, its members being text or null. Empty text counts as
/// null, as in CSV; blank lines are skipped.
class NdjsonReader final : public ImportRows {
 public:
  NdjsonReader(ImportSource& source, const RowColumns& columns, bool ignore_unknown)
      : ImportRows(source, columns, ignore_unknown), json_(columns, ignore_unknown) {}
  Outcome Next() override;

 private:
  Outcome ReadBeginning() override { return CheckBeginning() ? Outcome::kRow : Outcome::kBroken; }
  Outcome ParseLine(std::string_view line);

  FlatJson json_;
  std::uint64_t next_line_ = 1;
  bool done_ = false;
};

}  // namespace portal::service
