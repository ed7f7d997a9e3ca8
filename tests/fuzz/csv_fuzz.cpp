// The CSV reader: it ends, reads the same however the bytes arrive, and what it makes of a table that was written by
// the rules of RFC 4180 is that table.
//
// Input: a byte of choices, one for how the bytes arrive, then the text, or the cells of a table.

#include <array>
#include <string>
#include <vector>

#include "fuzz/import_reading.h"
#include "fuzz/input.h"
#include "service/import/csv_reader.h"

namespace portal::fuzz {
namespace {

std::string Quoted(const std::string& text) {
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

bool NeedsQuotes(const std::string& text) { return text.find_first_of(",\"\r\n") != std::string::npos; }

/// A table of ids and names, and how it is written down.
void TestTable(Input input) {
  const std::string_view end = input.Flag() ? "\r\n" : "\n";
  const std::size_t pieces = 1 + input.Below(200);
  std::vector<std::string> expected;
  std::string csv = std::string("id,name,email") + std::string(end);
  while (!input.empty() && expected.size() < 20) {
    std::string id(input.Text());
    std::string name(input.Text());
    const bool quote = input.Flag();
    if (!base::IsValidUtf8(id) || !base::IsValidUtf8(name)) continue;
    if ((id + name).find('\0') != std::string::npos) continue;
    csv += quote || NeedsQuotes(id) ? Quoted(id) : id;
    csv += ",";
    csv += quote || NeedsQuotes(name) ? Quoted(name) : name;
    csv += "," + std::string(end);
    expected.push_back((id.empty() ? "~" : id) + "|" + (name.empty() ? "~" : name) + "|~");
  }
  const Reading reading = ReadAll<service::CsvReader>(csv, pieces, false);
  Require(reading.complaints.empty(), "a table written by the rules is read without complaint");
  Require(reading.rows == expected, "and is what was written");
}

void Test(Input input) {
  const std::uint8_t choices = input.Byte();
  if ((choices & 1) != 0) return TestTable(input);
  const std::size_t pieces = 1 + input.Byte();
  const bool ignore_unknown = (choices & 2) != 0;
  std::string text(input.Rest());
  if ((choices & 4) != 0) text.insert(0, "id,name,email\n");
  const Reading whole = ReadAll<service::CsvReader>(text, text.size() + 1, ignore_unknown);
  Require(ReadAll<service::CsvReader>(text, pieces, ignore_unknown) == whole, "it matters not how the bytes arrive");
}

}  // namespace
}  // namespace portal::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  portal::fuzz::Test({data, size});
  return 0;
}
