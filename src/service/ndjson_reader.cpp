#include "service/ndjson_reader.h"

// RapidJSON 1.1 adds an offset to the null pointer of its empty stack, which is harmless and undefined.
#if defined(__clang__)
#pragma clang attribute push(__attribute__((no_sanitize("pointer-overflow"))), apply_to = function)
#endif
#include <rapidjson/error/en.h>
#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>
#if defined(__clang__)
#pragma clang attribute pop
#endif

#include <cstring>
#include <utility>

namespace portal::service {

/// Takes the members of one flat object as the parser finds them; false stops it with `complaint`. What an
/// ignored member holds may be nested and is skipped.
class NdjsonReader::Handler {
 public:
  Handler(NdjsonReader& reader, const rapidjson::MemoryStream& stream) : reader_(reader), stream_(stream) {}

  bool StartObject() { return (depth_ == 0 || Skipping()) ? Enter() : Unexpected("an object"); }
  bool EndObject(rapidjson::SizeType) { return Leave(); }
  bool StartArray() { return Skipping() ? Enter() : Unexpected("an array"); }
  bool EndArray(rapidjson::SizeType) { return Leave(); }
  bool Null() { return depth_ > 0 || Unexpected("null"); }
  bool Bool(bool) { return Skipping() || Unexpected("a boolean"); }
  bool RawNumber(const char*, rapidjson::SizeType, bool) { return Skipping() || Unexpected("a number"); }
  // Never called, since numbers arrive raw; the parser wants them to exist.
  bool Int(int) { return false; }
  bool Uint(unsigned) { return false; }
  bool Int64(std::int64_t) { return false; }
  bool Uint64(std::uint64_t) { return false; }
  bool Double(double) { return false; }

  bool Key(const char* text, rapidjson::SizeType size, bool) {
    if (depth_ > 1) return true;
    const std::string_view name(text, size);
    const std::size_t end = stream_.Tell();
    offset_ = end > size + 2 ? end - size - 2 : 0;
    column_ = reader_.columns_.Find(name);
    if (column_ == ImportColumns::kNone) return reader_.ignore_unknown_ || Fail(reader_.columns_.Unknown(name));
    // A member that was seen has the offset of its name, which is behind the opening brace.
    if (reader_.cells_[column_].offset != 0) return Fail("\"" + std::string(name) + "\" is given twice");
    reader_.cells_[column_].offset = offset_;
    return true;
  }

  bool String(const char* text, rapidjson::SizeType size, bool) {
    if (Skipping()) return true;
    if (depth_ == 0) return Unexpected("text");
    if (size > kMaxFieldBytes) return Fail("a text longer than 64 KiB");
    if (std::memchr(text, '\0', size)) return Fail("a NUL character, which no text has");
    const std::size_t begin = reader_.texts_.size();
    reader_.texts_.append(text, size);
    ImportCell& cell = reader_.cells_[column_];
    cell.text = std::string_view(reader_.texts_).substr(begin);
    cell.null = size == 0;
    return true;
  }

  std::size_t offset() const { return offset_; }
  std::string& complaint() { return complaint_; }

 private:
  bool Skipping() const { return depth_ > 1 || (depth_ == 1 && column_ == ImportColumns::kNone); }
  bool Enter() {
    ++depth_;
    return true;
  }
  bool Leave() {
    --depth_;
    return true;
  }
  bool Fail(std::string complaint) {
    complaint_ = std::move(complaint);
    return false;
  }
  bool Unexpected(const std::string& what) {
    if (depth_ == 0) return Fail("expected one JSON object a line, found " + what);
    return Fail(std::string(reader_.columns_.names[column_]) + ": expected text or null, found " + what);
  }

  NdjsonReader& reader_;
  const rapidjson::MemoryStream& stream_;
  int depth_ = 0;
  std::size_t column_ = ImportColumns::kNone;
  std::size_t offset_ = 0;
  std::string complaint_;
};

NdjsonReader::Outcome NdjsonReader::ParseLine(std::string_view line) {
  ClearCells();
  texts_.clear();
  texts_.reserve(line.size());  // decoding never makes text longer
  rapidjson::MemoryStream stream(line.data(), line.size());
  rapidjson::Reader reader;
  Handler handler(*this, stream);
  constexpr unsigned kFlags = rapidjson::kParseIterativeFlag | rapidjson::kParseNumbersAsStringsFlag;
  const rapidjson::ParseResult result = reader.Parse<kFlags>(stream, handler);
  if (!handler.complaint().empty()) return Bad(handler.offset(), std::move(handler.complaint()));
  if (!result) return Bad(result.Offset(), std::string("not JSON: ") + rapidjson::GetParseError_En(result.Code()));
  for (std::size_t i = 0; i < columns_.required; ++i) {
    if (cells_[i].offset == 0) return Bad(0, "\"" + std::string(columns_.names[i]) + "\" is missing");
  }
  return Outcome::kRow;
}

NdjsonReader::Outcome NdjsonReader::Next() {
  if (!begun_) {
    begun_ = true;
    if (!CheckBeginning()) {
      done_ = true;
      return Outcome::kBroken;
    }
  }
  while (!done_) {
    const std::string_view pending = source_.Pending();
    const std::size_t newline = pending.find('\n');
    if (newline == std::string_view::npos && pending.size() > kMaxRecordBytes) {
      SetRecord({}, next_line_++);
      DiscardLine();
      return Bad(0, "a line longer than 1 MiB");
    }
    if (newline == std::string_view::npos && !source_.at_end()) {
      source_.More();
      continue;
    }
    if (source_.failure()) return Outcome::kEnd;
    done_ = newline == std::string_view::npos;
    const std::string_view line = pending.substr(0, newline);
    source_.Consume(done_ ? pending.size() : newline + 1);
    SetRecord(line, next_line_++);
    if (line.find_first_not_of(" \t\r") == std::string_view::npos) continue;
    if (HasBadBytes()) return Outcome::kBadRow;
    return ParseLine(line);
  }
  return Outcome::kEnd;
}

}  // namespace portal::service
