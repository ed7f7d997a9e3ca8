#include "service/import/import_format.h"

namespace portal::service {

namespace {

constexpr std::size_t kMostLeadingSpace = 64 << 10;

}  // namespace

ImportFormat GuessImportFormat(std::string_view name, ImportSource& source) {
  if (name.ends_with(".csv")) return ImportFormat::kCsv;
  if (name.ends_with(".ndjson") || name.ends_with(".jsonl") || name.ends_with(".json")) return ImportFormat::kNdjson;
  for (;;) {
    const std::string_view pending = source.Pending();
    const std::size_t first = pending.find_first_not_of("\xEF\xBB\xBF \t\r\n");
    if (first != std::string_view::npos) {
      return pending[first] == '{' || pending[first] == '[' ? ImportFormat::kNdjson : ImportFormat::kCsv;
    }
    if (pending.size() > kMostLeadingSpace || !source.More()) return ImportFormat::kCsv;
  }
}

}  // namespace portal::service
