#include "base/json_object.h"

#include "base/json_text.h"
#include "base/time_text.h"

namespace portal::base {

void JsonObject::Begin(std::string_view key) {
  if (text_.size() > 1) text_ += ',';
  AppendJsonString(key, text_);
  text_ += ':';
}

JsonObject& JsonObject::Text(std::string_view key, std::string_view value) {
  Begin(key);
  AppendJsonString(value, text_);
  return *this;
}

JsonObject& JsonObject::Number(std::string_view key, std::int64_t value) {
  Begin(key);
  AppendDecimal(value, text_);
  return *this;
}

JsonObject& JsonObject::Boolean(std::string_view key, bool value) { return Json(key, value ? "true" : "false"); }

JsonObject& JsonObject::Time(std::string_view key, std::optional<WallTime> value) {
  return value ? Text(key, FormatRfc3339(*value)) : Json(key, "null");
}

JsonObject& JsonObject::Json(std::string_view key, std::string_view value) {
  Begin(key);
  text_ += value;
  return *this;
}

void JsonArray::Add(std::string_view member) {
  if (text_.size() > 1) text_ += ',';
  text_ += member;
}

void JsonArray::AddText(std::string_view member) {
  std::string text;
  AppendJsonString(member, text);
  Add(text);
}

}  // namespace portal::base
