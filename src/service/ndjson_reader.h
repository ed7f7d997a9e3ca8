#pragma once

#include <string>

#include "service/import_rows.h"

namespace portal::service {

/// NDJSON: one JSON object (RFC 8259) a line, in UTF-8, its members being text or null. Empty text counts as
/// null, as in CSV; blank lines are skipped.
class NdjsonReader final : public ImportRows {
 public:
  using ImportRows::ImportRows;
  Outcome Next() override;

 private:
  class Handler;

  Outcome ParseLine(std::string_view line);

  std::string texts_;  // decoded members; reserved for each line, so that views stay good
  std::uint64_t next_line_ = 1;
  bool begun_ = false;
  bool done_ = false;
};

}  // namespace portal::service
