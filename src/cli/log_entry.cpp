#include "cli/log_entry.h"

#include <algorithm>

#include "service/rapidjson_reader.h"

namespace portal::cli {
namespace {

/// Takes one object of texts and numbers; anything else ends the reading.
struct FlatObject : rapidjson::BaseReaderHandler<rapidjson::UTF8<>, FlatObject> {
  bool Default() { return false; }
  bool StartObject() { return !std::exchange(begun, true); }
  bool EndObject(rapidjson::SizeType) { return true; }
  bool Key(const char* text, rapidjson::SizeType size, bool) {
    fields.emplace_back(std::string(text, size), std::string());
    return true;
  }
  bool String(const char* text, rapidjson::SizeType size, bool) {
    if (!begun) return false;
    fields.back().second.assign(text, size);
    return true;
  }
  bool RawNumber(const char* text, rapidjson::SizeType size, bool) { return String(text, size, true); }

  std::vector<std::pair<std::string, std::string>> fields;
  bool begun = false;
};

constexpr unsigned kFlags = rapidjson::kParseValidateEncodingFlag | rapidjson::kParseNumbersAsStringsFlag;

}  // namespace

std::optional<LogEntry> LogEntry::Read(std::string_view line) {
  if (!line.starts_with('{')) return std::nullopt;  // most of somebody else's
  rapidjson::MemoryStream bytes(line.data(), line.size());
  rapidjson::EncodedInputStream<rapidjson::UTF8<>, rapidjson::MemoryStream> stream(bytes);
  rapidjson::Reader reader;
  FlatObject object;
  if (!reader.Parse<kFlags>(stream, object)) return std::nullopt;
  LogEntry entry;
  entry.fields_ = std::move(object.fields);
  for (const std::string_view key : {"time", "level", "event"}) {
    if (entry.Value(key).empty()) return std::nullopt;
  }
  return entry;
}

std::string_view LogEntry::Value(std::string_view key) const {
  const auto at = std::ranges::find(fields_, key, [](const auto& field) -> std::string_view { return field.first; });
  return at == fields_.end() ? std::string_view() : at->second;
}

}  // namespace portal::cli
