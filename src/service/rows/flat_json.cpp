#include "service/rows/flat_json.h"

#include <cstring>
#include <utility>

#include "base/json_text.h"
#include "service/rapidjson_reader.h"

namespace portal::service {

/// Takes the members of one flat object as the parser finds them; false stops it with a complaint. What an ignored
/// member holds may be nested and is skipped.
class FlatJson::Handler {
 public:
  Handler(FlatJson& reader, std::span<RowCell> cells, const rapidjson::MemoryStream& stream)
      : columns_(reader.columns_),
        ignore_unknown_(reader.ignore_unknown_),
        texts_(reader.texts_),
        cells_(cells),
        stream_(stream) {}

  bool StartObject() { return (depth_ == 0 || Skipping()) ? Enter() : Unexpected("an object"); }
  bool EndObject(rapidjson::SizeType) { return Leave(); }
  bool StartArray() { return Skipping() ? Enter() : Unexpected("an array"); }
  bool EndArray(rapidjson::SizeType) { return Leave(); }
  bool Null() { return depth_ > 0 || Unexpected("null"); }
  bool Bool(bool) { return Skipping() || Unexpected("a boolean"); }
  bool RawNumber(const char* text, rapidjson::SizeType size, bool) {
    if (Skipping()) return true;
    if (depth_ == 0 || column_ != columns_.numeric) return Unexpected("a number");
    return Take({text, size});
  }
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
    if (!IsText(name)) return Fail(Flaw::kSyntax, {}, std::string("not JSON: ") + kHalfOfAPair);
    column_ = columns_.Find(name);
    if (column_ == RowColumns::kNone) {
      return ignore_unknown_ || Fail(Flaw::kUnknownMember, name, columns_.Unknown(name));
    }
    // A member that was seen has the offset of its name, which is behind the opening brace.
    if (cells_[column_].offset != 0) return Fail(Flaw::kRepeatedMember, name, "is given twice");
    cells_[column_].offset = offset_;
    return true;
  }

  bool String(const char* text, rapidjson::SizeType size, bool) {
    if (Skipping()) return true;
    if (depth_ == 0) return Unexpected("text");
    if (size > kMaxFieldBytes) return BadValue("a text longer than 64 KiB");
    if (std::memchr(text, '\0', size)) return BadValue("a NUL character, which no text has");
    if (!IsText({text, size})) return BadValue(kHalfOfAPair);
    return Take({text, size});
  }

  std::optional<Complaint>& complaint() { return complaint_; }

 private:
  static constexpr const char* kHalfOfAPair = "half of a surrogate pair, which is no character";

  /// The parser lets through half of a surrogate pair where it is escaped.
  static bool IsText(std::string_view text) {
    return !std::memchr(text.data(), '\xED', text.size()) || base::IsValidUtf8(text);
  }
  bool Skipping() const { return depth_ > 1 || (depth_ == 1 && column_ == RowColumns::kNone); }
  bool Enter() {
    ++depth_;
    return true;
  }
  bool Leave() {
    --depth_;
    return true;
  }
  bool Take(std::string_view text) {
    const std::size_t begin = texts_.size();
    texts_.append(text);
    RowCell& cell = cells_[column_];
    cell.text = std::string_view(texts_).substr(begin);
    cell.null = text.empty();
    return true;
  }
  bool Fail(Flaw flaw, std::string_view member, std::string message) {
    complaint_ = Complaint{flaw, offset_, std::string(member), std::move(message)};
    return false;
  }
  bool BadValue(std::string message) { return Fail(Flaw::kBadValue, columns_.names[column_], std::move(message)); }
  bool Unexpected(const std::string& what) {
    if (depth_ == 0) return Fail(Flaw::kNoObject, {}, "found " + what);
    return BadValue(
        (column_ == columns_.numeric ? "expected a number or null, found " : "expected text or null, found ") + what);
  }

  const RowColumns& columns_;
  const bool ignore_unknown_;
  std::string& texts_;
  std::span<RowCell> cells_;
  const rapidjson::MemoryStream& stream_;
  int depth_ = 0;
  std::size_t column_ = RowColumns::kNone;
  std::size_t offset_ = 0;
  std::optional<Complaint> complaint_;
};

std::optional<FlatJson::Complaint> FlatJson::Read(std::string_view object, std::span<RowCell> cells) {
  for (RowCell& cell : cells) cell = RowCell{};
  texts_.clear();
  texts_.reserve(object.size());  // decoding never makes text longer
  rapidjson::MemoryStream stream(object.data(), object.size());
  rapidjson::Reader reader;
  Handler handler(*this, cells, stream);
  constexpr unsigned kFlags = rapidjson::kParseIterativeFlag | rapidjson::kParseNumbersAsStringsFlag;
  const rapidjson::ParseResult result = reader.Parse<kFlags>(stream, handler);
  if (handler.complaint()) return std::move(handler.complaint());
  if (!result) {
    return Complaint{
        Flaw::kSyntax, result.Offset(), {}, std::string("not JSON: ") + rapidjson::GetParseError_En(result.Code())};
  }
  for (std::size_t i = 0; i < columns_.required; ++i) {
    if (cells[i].offset == 0) return Complaint{Flaw::kMissingMember, 0, std::string(columns_.names[i]), "is missing"};
  }
  return std::nullopt;
}

}  // namespace portal::service
