#pragma once

#include <string>

#include "service/import/import.h"

namespace portal::service {

/// Appends what a bulk request's answer says of a row, one line of NDJSON:
/// `{"line":2,"id":"…","outcome":"inserted"}`, with `detail` where it was rejected.
void AppendOutcomeLine(const RowOutcome& outcome, std::string& out);

/// Appends the last line: the counts, whether every row was looked at, and if not, why.
void AppendSummaryLine(const ImportSummary& summary, std::string& out);

}  // namespace portal::service
