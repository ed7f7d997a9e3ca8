#pragma once

#include <string_view>

#include "service/import/import.h"

namespace portal::service {

/// By the name's ending (`.csv`, `.ndjson`, `.jsonl`, `.json`), else by the first byte that is no space:
/// NDJSON begins with a brace, and no header of a CSV does. Consumes nothing of `source`.
ImportFormat GuessImportFormat(std::string_view name, ImportSource& source);

}  // namespace portal::service
