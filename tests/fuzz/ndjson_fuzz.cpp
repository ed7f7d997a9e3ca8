// The NDJSON reader: it ends, reads the same however the bytes arrive, and takes exactly the lines that a slow
// reference takes: JSON objects whose members are columns, each once, and text or null.
//
// Input: a byte of choices, one for how the bytes arrive, then the text.

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fuzz/import_reading.h"
#include "fuzz/input.h"
#include "service/import/ndjson_reader.h"

namespace portal::fuzz {
namespace {

using nlohmann::json;

/// The row of a line as a naive reader sees it; nullopt: it is none.
std::optional<std::string> Reference(std::string_view line) {
  std::vector<std::string> seen;
  bool repeated = false;
  const auto note = [&](int depth, json::parse_event_t event, json& parsed) {
    if (event == json::parse_event_t::key && depth == 1) {
      repeated |= std::ranges::find(seen, parsed.get<std::string>()) != seen.end();
      seen.push_back(parsed);
    }
    return true;
  };
  if (line.starts_with("\xEF\xBB\xBF")) return std::nullopt;  // the reference takes it for nothing
  const json object = json::parse(line, note, false);
  if (object.is_discarded() || !object.is_object() || repeated) return std::nullopt;
  std::string row;
  for (const auto& [name, value] : object.items()) {
    if (service::kContactColumns.Find(name) == service::RowColumns::kNone) return std::nullopt;
    if (!value.is_null() && !value.is_string()) return std::nullopt;
    if (value.is_string() && value.get<std::string>().find('\0') != std::string::npos) return std::nullopt;
    if (value.is_string() && value.get<std::string>().size() > service::kMaxFieldBytes) return std::nullopt;
  }
  if (!object.contains("id") || !object.contains("name")) return std::nullopt;
  for (const char* const name : {"id", "name", "email"}) {
    const std::string text = object.contains(name) && object[name].is_string() ? object[name].get<std::string>() : "";
    row += (row.empty() ? "" : "|") + (text.empty() ? "~" : text);
  }
  return row;
}

std::vector<std::string> ReferenceRows(std::string_view text) {
  std::vector<std::string> rows;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    if (!base::IsValidUtf8(line) || line.find('\0') != line.npos) continue;
    if (auto row = Reference(line)) rows.push_back(*std::move(row));
  }
  return rows;
}

void Test(Input input) {
  const bool ignore_unknown = input.Flag();
  const std::size_t pieces = 1 + input.Byte();
  const std::string text(input.Rest());
  const Reading whole = ReadAll<service::NdjsonReader>(text, text.size() + 1, ignore_unknown);
  Require(ReadAll<service::NdjsonReader>(text, pieces, ignore_unknown) == whole, "it matters not how the bytes arrive");
  const bool marked = text.starts_with("\xEF\xBB\xBF") || text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF");
  if (ignore_unknown || marked) return;
  Require(whole.rows == ReferenceRows(text), "the rows are those of the reference");
}

}  // namespace
}  // namespace portal::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  portal::fuzz::Test({data, size});
  return 0;
}
