#include "service/rows/merge_patch.h"

#include <functional>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "base/json_text.h"
#include "service/rapidjson_reader.h"
#include "service/shown_text.h"

namespace portal::service {
namespace {

/// A JSON value as a merge sees it: an object with its members, or a text that is taken or left as it stands.
struct Value {
  struct Members;
  std::unique_ptr<Members> members;
  std::string text;

  Value();
  Value(Value&&) noexcept;
  Value& operator=(Value&&) noexcept;
  ~Value();
};

struct Value::Members {
  std::map<std::string, Value, std::less<>> by_name;
};

Value::Value() = default;
Value::Value(Value&&) noexcept = default;
Value& Value::operator=(Value&&) noexcept = default;
Value::~Value() = default;

/// Builds the value that a text holds. Of arrays it keeps the text alone.
class Builder {
 public:
  Builder(std::string_view text, const rapidjson::MemoryStream& stream) : text_(text), stream_(stream) {}

  bool StartObject() {
    if (!Deeper()) return false;
    if (arrays_ > 0) return true;
    Value& value = Place();
    value.members = std::make_unique<Value::Members>();
    open_.push_back(&value);
    return true;
  }
  bool EndObject(rapidjson::SizeType) {
    --depth_;
    if (arrays_ == 0) open_.pop_back();
    return true;
  }
  bool StartArray() {
    if (!Deeper()) return false;
    if (arrays_++ == 0) array_begin_ = stream_.Tell();  // the bracket is taken after this
    return true;
  }
  bool EndArray(rapidjson::SizeType) {
    --depth_;
    if (--arrays_ == 0) Place().text = text_.substr(array_begin_, stream_.Tell() + 1 - array_begin_);
    return true;
  }
  bool Key(const char* text, rapidjson::SizeType size, bool) {
    if (arrays_ > 0) return IsText({text, size});
    if (!IsText({text, size})) return false;
    const auto [member, added] = open_.back()->members->by_name.try_emplace(std::string(text, size));
    if (!added) complaint_ = Quoted(member->first) + " is given twice";
    member_ = &member->second;
    return added;
  }
  bool String(const char* text, rapidjson::SizeType size, bool) {
    if (!IsText({text, size})) return false;
    if (arrays_ == 0) base::AppendJsonString({text, size}, Place().text);
    return true;
  }
  bool Null() { return Literal("null"); }
  bool Bool(bool value) { return Literal(value ? "true" : "false"); }
  bool RawNumber(const char* text, rapidjson::SizeType size, bool) { return Literal({text, size}); }
  // Never called, since numbers arrive raw; the parser wants them to exist.
  bool Int(int) { return false; }
  bool Uint(unsigned) { return false; }
  bool Int64(std::int64_t) { return false; }
  bool Uint64(std::uint64_t) { return false; }
  bool Double(double) { return false; }

  Value Take() { return std::move(root_); }
  const std::string& complaint() const { return complaint_; }

 private:
  /// Where the value that begins now belongs.
  Value& Place() { return open_.empty() ? root_ : *member_; }
  bool Literal(std::string_view text) {
    if (arrays_ == 0) Place().text = text;
    return true;
  }
  bool Deeper() {
    if (++depth_ <= kMaxMergeDepth) return true;
    complaint_ = "nested deeper than " + std::to_string(kMaxMergeDepth) + " levels";
    return false;
  }
  /// The parser lets through half of a surrogate pair where it is escaped.
  bool IsText(std::string_view text) {
    if (base::IsValidUtf8(text)) return true;
    complaint_ = "half of a surrogate pair, which is no character";
    return false;
  }

  std::string_view text_;
  const rapidjson::MemoryStream& stream_;
  Value root_;
  std::vector<Value*> open_;
  Value* member_ = nullptr;  // whose name was the last
  int depth_ = 0;
  int arrays_ = 0;  // of them are open
  std::size_t array_begin_ = 0;
  std::string complaint_;
};

base::Result<Value> Parse(std::string_view text) {
  if (!base::IsValidUtf8(text)) return base::Fail(base::ErrorCode::kBadRequest, "The JSON is not UTF-8");
  // The parser would take it for the end.
  if (text.find('\0') != text.npos) return base::Fail(base::ErrorCode::kBadRequest, "Not JSON: it has a NUL byte");
  rapidjson::MemoryStream stream(text.data(), text.size());
  rapidjson::Reader reader;
  Builder builder(text, stream);
  constexpr unsigned kFlags = rapidjson::kParseIterativeFlag | rapidjson::kParseNumbersAsStringsFlag;
  const rapidjson::ParseResult result = reader.Parse<kFlags>(stream, builder);
  if (!builder.complaint().empty()) {
    return base::Fail(base::ErrorCode::kBadRequest, "The JSON cannot be used: " + builder.complaint());
  }
  if (!result) {
    return base::Fail(base::ErrorCode::kBadRequest, std::string("Not JSON, at byte ") +
                                                        std::to_string(result.Offset() + 1) + ": " +
                                                        rapidjson::GetParseError_En(result.Code()));
  }
  return builder.Take();
}

/// RFC 7396 §2, MergePatch(Target, Patch), where Patch is an object.
void Merge(Value& target, Value& patch) {
  if (!target.members) target.members = std::make_unique<Value::Members>();
  auto& members = target.members->by_name;
  for (auto& [name, value] : patch.members->by_name) {
    if (value.members) {
      Merge(members[name], value);
    } else if (value.text == "null") {
      members.erase(name);
    } else {
      members[name] = std::move(value);
    }
  }
}

void Append(const Value& value, std::string& out) {
  if (!value.members) {
    out += value.text;
    return;
  }
  out += '{';
  for (const auto& [name, member] : value.members->by_name) {
    if (out.back() != '{') out += ',';
    base::AppendJsonString(name, out);
    out += ':';
    Append(member, out);
  }
  out += '}';
}

}  // namespace

base::Result<std::string> MergePatch(std::string_view target, std::string_view patch) {
  auto merged = Parse(target);
  if (!merged) return base::Fail(std::move(merged).error());
  auto changes = Parse(patch);
  if (!changes) return base::Fail(std::move(changes).error());
  if (changes->members) {
    Merge(*merged, *changes);
  } else {
    merged = std::move(changes);
  }
  std::string text;
  Append(*merged, text);
  return text;
}

}  // namespace portal::service
